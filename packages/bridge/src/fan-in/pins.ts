/** A place in the ring that must not be given back. */
export interface Pin {
  readonly position: number
  isReleased: boolean
}

/** The pinned places of one lane, in the order of the ring: space is given back up to the first that is still held. */
export class Pins {
  private pins: Pin[] = []
  private first = 0

  add(position: number): Pin {
    const pin = { position, isReleased: false }
    this.pins.push(pin)
    return pin
  }

  /** How far space may be given back: to the first held pin, or, when none is held, to `end`. */
  limit(end: number): number {
    const { pins } = this
    while (this.first < pins.length && pins[this.first].isReleased) this.first++
    if (this.first < pins.length) {
      const { position } = pins[this.first]
      if (this.first > 1024) {
        this.pins = pins.slice(this.first)
        this.first = 0
      }
      return position
    }
    if (pins.length > 0) {
      this.pins = []
      this.first = 0
    }
    return end
  }
}
