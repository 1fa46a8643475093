import { Waiter } from '@millrace/queue/waiting'
import type { Parcel } from '../parcel.js'

/** The end whose call it was, which has to hear when that has settled. */
interface End {
  afterWait(): void
}

abstract class EndWaiter extends Waiter<void> {
  constructor(private readonly end: End) {
    super()
  }

  protected override onFulfil(): void {
    this.resolve(undefined)
    this.end.afterWait()
  }

  protected override onFail(reason: unknown): void {
    this.reject(reason)
    this.end.afterWait()
  }
}

/** A pending join: it ends at the first time that nothing is unfinished after it began. */
export class JoinWaiter extends EndWaiter {
  constructor(
    end: End,
    readonly join: number,
  ) {
    super(end)
  }
}

/** A put that waits, with its item as it was when put() was called. */
export class PutWaiter extends EndWaiter {
  constructor(
    private readonly putter: End & { abandon(parcel: Parcel): void },
    readonly parcel: Parcel,
  ) {
    super(putter)
  }

  protected override onFail(reason: unknown): void {
    this.putter.abandon(this.parcel)
    super.onFail(reason)
  }
}
