// How `select()` and `merge()` of @millrace/queue wait on an end of a bridge: with a waiter of theirs, which may leave at any time.
import { type AnyWaiter, UNLIMITED, type Waiter, WaiterList, WaitingRoom } from '@millrace/queue/waiting'
import { Getter } from './getters.js'
import type { Intake } from './intake.js'
import { type ItemSource, NOTHING } from './item-source.js'

const NOWHERE = new WaitingRoom({ name: undefined, label: () => 'several queues' })

/** The list of a waiter that has a stand-in among the getters: whatever takes the one out of it takes out the other. */
class Place extends WaiterList<AnyWaiter> {
  constructor(private readonly onLeave: () => void) {
    super(NOWHERE, 'get()')
  }

  override remove(waiter: AnyWaiter): void {
    super.remove(waiter)
    this.onLeave()
  }
}

/** Stands among the getters for a waiter that was made elsewhere, and passes on to it whatever happens to a getter. */
class StandIn<T> extends Getter<T, T> {
  constructor(
    core: ItemSource<T>,
    private readonly waiter: Waiter<T, unknown>,
  ) {
    super(core)
    // Its signal is only looked at, so that what was aborted is given nothing: whoever made the waiter listens.
    this.guard = waiter.guard
    new Place(() => {
      this.leave()
      core.afterWait()
    }).append(waiter, UNLIMITED)
  }

  serve(): void {
    let item: T
    try {
      item = this.core.take()
    } catch (error) {
      this.waiter.fail(error)
      return
    }
    this.waiter.fulfil(item)
  }

  protected override onFail(reason: unknown): void {
    this.waiter.fail(reason)
  }

  protected override onWithdraw(reason: unknown): void {
    this.waiter.withdraw(reason)
  }
}

/**
 * Gives the waiter the next item, or the end of the queue, or lets it wait its turn among the getters.
 *
 * @param isOnce - it will not wait: what is there is for it, however long the loop has been busy with this
 */
export function enlistIn<T>(intake: Intake<T>, waiter: Waiter<T, unknown>, isOnce: boolean): void {
  let item: T | typeof NOTHING
  try {
    item = intake.takeNext()
    if (item === NOTHING && (intake.mayServe(1) || (isOnce && intake.serveEarlier()))) {
      const report = isOnce ? intake.report() : undefined
      if (report === undefined && intake.ready()) item = intake.take()
      else {
        const end = report ?? intake.endOf('get()')
        if (end !== undefined) throw end.error
      }
    }
  } catch (error) {
    waiter.fail(error)
    return
  }
  if (item === NOTHING) intake.wait(new StandIn<T>(intake, waiter), UNLIMITED)
  else waiter.fulfil(item)
}
