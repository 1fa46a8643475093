import { Waiter } from '@millrace/queue/waiting'
import type { Parcel } from '../parcel.js'

/** A put that waits, with its item as it was when put() was called. */
export class PutWaiter extends Waiter<void> {
  constructor(
    private readonly end: { afterWait(): void; abandon(parcel: Parcel): void },
    readonly parcel: Parcel,
  ) {
    super()
  }

  protected override onFulfil(): void {
    this.resolve(undefined)
    this.end.afterWait()
  }

  protected override onFail(reason: unknown): void {
    this.reject(reason)
    this.end.abandon(this.parcel)
    this.end.afterWait()
  }
}
