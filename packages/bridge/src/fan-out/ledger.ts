/** What became of the items of a fan-out. Every item ends in exactly one way. */
export interface Ledger {
  /** Items put. */
  readonly put: number
  /** Ended: a consumer said that it was done with it. */
  readonly acknowledged: number
  /** Ended: thrown away by an immediate shutdown before anybody took it. */
  readonly dropped: number
  /** Ended: given to `onPoisoned` after it had taken down `maxDeliveries` consumers. */
  readonly poisoned: number
  /** Ended: its consumer was lost and nobody is to get it again (`onConsumerLost: 'fail'`, or the queue is shut down for good). */
  readonly failed: number
  /** Not ended: waiting at home, under way, or in the hands of a consumer. put = the four above + this. */
  readonly open: number
  /** Deliveries beyond the first, of all items. */
  readonly redelivered: number
}

export class LedgerBook {
  put = 0
  acknowledged = 0
  dropped = 0
  poisoned = 0
  failed = 0
  redelivered = 0

  get open(): number {
    return this.put - this.acknowledged - this.dropped - this.poisoned - this.failed
  }

  read(): Ledger {
    const { put, acknowledged, dropped, poisoned, failed, open, redelivered } = this
    return { put, acknowledged, dropped, poisoned, failed, open, redelivered }
  }
}
