/**
 * An old print's look: warmer light, darker corners. Plain JavaScript over every pixel, in place; on the event loop this
 * would hold up the downloads, in a thread it holds up nobody.
 *
 * @param pixels - RGB, three bytes a pixel, row by row
 */
export function warmVignette(pixels: Uint8Array, width: number, height: number): void {
  const centreX = width / 2
  const centreY = height / 2
  const farthest = centreX * centreX + centreY * centreY
  for (let y = 0, at = 0; y < height; y++) {
    const dy = (y - centreY) * (y - centreY)
    for (let x = 0; x < width; x++, at += 3) {
      const dx = (x - centreX) * (x - centreX)
      const light = 1 - 0.55 * ((dx + dy) / farthest) ** 1.5
      pixels[at] = Math.min(255, pixels[at]! * light * 1.06)
      pixels[at + 1] = pixels[at + 1]! * light
      pixels[at + 2] = pixels[at + 2]! * light * 0.88
    }
  }
}
