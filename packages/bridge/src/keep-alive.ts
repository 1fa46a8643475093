import { createIdleTimer, shared } from './runtime.js'

/**
 * Holds the process while somebody waits for another thread: a pending waitAsync alone holds none, on any runtime.
 *
 * One far-away timer a thread, referenced while at least one hold is taken.
 */
class KeepAlive {
  private holds = 0
  private timer: ReturnType<typeof createIdleTimer> | undefined

  hold(): void {
    if (this.holds++ > 0) return
    if (this.timer === undefined) this.timer = createIdleTimer()
    else this.timer.ref?.()
  }

  letGo(): void {
    if (--this.holds === 0) this.timer?.unref?.()
  }
}

const keepAlive = shared('keep-alive', () => new KeepAlive())

/** One holder's part in it: taken or not. */
export class Hold {
  private isTaken = false

  set(taken: boolean): void {
    if (taken === this.isTaken) return
    this.isTaken = taken
    if (taken) keepAlive.hold()
    else keepAlive.letGo()
  }
}
