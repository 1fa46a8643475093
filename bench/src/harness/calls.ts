/** Keeps `window` calls under way over the numbers 0 to items - 1; results are handed on in the order of the calls. */
export async function callAll(
  items: number,
  window: number,
  call: (index: number) => PromiseLike<unknown>,
  accept: (result: unknown) => void,
): Promise<void> {
  const pending: PromiseLike<unknown>[] = new Array(window)
  for (let i = 0; i < items + window; i++) {
    const slot = i % window
    if (i >= window) accept(await pending[slot])
    if (i < items) pending[slot] = call(i)
  }
}
