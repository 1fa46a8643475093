/**
 * Tells the queue that an item came from when everything made of it has left the pipeline, by a count of what is still on its way.
 * A stage retains for each result that it hands on and releases for what it took, in this order, so that the count reaches 0 once.
 */
export class Receipt {
  #open = 1

  constructor(private readonly settled: () => void) {}

  retain(count = 1): void {
    this.#open += count
  }

  release(): void {
    this.#open--
    if (this.#open === 0) this.settled()
  }
}

/** Several receipts as one: a batch holds those of all its items. */
export function joinReceipts(receipts: readonly Receipt[]): Receipt | undefined {
  if (receipts.length < 2) return receipts[0]
  return new Receipt(() => {
    for (const receipt of receipts) receipt.release()
  })
}
