import { Waiter } from '@millrace/queue/waiting'
import type { Parcel } from '../parcel.js'

/** Who has to hear when a call has settled. */
interface Host {
  afterWait(): void
}

/** A put that waits, with its item as it was when put() was called. */
export class PutWaiter extends Waiter<void> {
  constructor(
    private readonly host: Host,
    readonly parcel: Parcel,
  ) {
    super()
  }

  protected override onFail(reason: unknown): void {
    this.reject(reason)
    this.host.afterWait()
  }
}

/** A put of `putMany()` that waits. */
export class PartWaiter extends PutWaiter {
  constructor(
    host: Host,
    parcel: Parcel,
    private readonly onGivenUp: () => void,
  ) {
    super(host, parcel)
  }

  override get operation(): string {
    return 'putMany()'
  }

  protected override onWithdraw(reason: unknown): void {
    this.onGivenUp()
    this.onFail(reason)
  }
}

/** A pending join: it ends at the first time that nothing is unfinished after it began. */
export class JoinWaiter extends Waiter<void> {
  constructor(
    private readonly host: Host,
    /** The number of the join, as `beginJoin()` gave it. */
    readonly join: number,
  ) {
    super()
  }

  protected override onFail(reason: unknown): void {
    this.reject(reason)
    this.host.afterWait()
  }
}
