import { DOORBELL, HOME_DOORBELL } from './layout.js'

/**
 * The only caller of wait, waitAsync and notify.
 *
 * Invariants:
 * - An endpoint sleeps on one word of its own, never on one that another endpoint sleeps on too.
 * - Sleeper: store 1, look again at everything it waits for, sleep. Ringer: store what the sleeper waits for, then load the word;
 *   on 1 compare-exchange 1 -> 0 and, if that was won, notify all. Whichever of the two stores comes first in the one order that
 *   Atomics have, one of the two sees the other's: no wake-up is lost, and no notify is spent on an end that is awake.
 * - A ringer can be killed between its compare-exchange and its notify. Whoever hears of a death therefore does the sleeper's work
 *   itself (home) or rings unconditionally (`ringAlways`): with "ring only if asleep" the sleeper would never wake.
 * - At most one waitAsync is armed per doorbell, re-used over any number of parks: it cannot be cancelled, and each abandoned one
 *   leaks. It answers the word it was armed with, so a value that changed before arming means "rung".
 */
export class Doorbell {
  private armed = false

  constructor(
    private readonly words: Int32Array<SharedArrayBuffer>,
    private readonly index: number,
    /** A word that ends all sleep once it is not 0: nobody rings any more then. */
    private readonly over?: number,
  ) {}

  /** Says "I am about to sleep"; every condition must be looked at again after this. */
  raise(): void {
    // SYNC: with ring(); the sleeper's re-check after this store pairs with the ringer's store before its load.
    Atomics.store(this.words, this.index, 1)
  }

  /** Says "I am awake after all". */
  lower(): void {
    Atomics.store(this.words, this.index, 0)
  }

  /** Sleeps until rung; returns at once if rung since `raise()`. This THREAD stops. */
  sleep(timeoutMs: number): void {
    // SYNC: after raise(), too; whoever ends it stores that before the last ring.
    if (this.over !== undefined && Atomics.load(this.words, this.over) !== 0) return
    Atomics.wait(this.words, this.index, 1, timeoutMs)
  }

  /** Whether a ring will call back. */
  get isArmed(): boolean {
    return this.armed
  }

  /**
   * Has `onRing` called once after the next ring, from a macrotask; does nothing while a call is due already.
   * Look at every condition again after arming, and after each call.
   *
   * @param afterwards - called once those who wait for a promise that `onRing` has settled have run
   */
  arm(onRing: () => void, afterwards?: () => void): void {
    if (this.armed) return
    this.armed = true
    for (;;) {
      const value = Atomics.load(this.words, this.index)
      const wait = Atomics.waitAsync(this.words, this.index, value)
      if (wait.async) {
        const rung = wait.value.then(() => {
          this.armed = false
          onRing()
        })
        if (afterwards !== undefined) rung.then(afterwards)
        return
      }
      // 'not-equal': rung between the load and the arming. The caller looks again at everything after arming, so go on.
    }
  }
}

/**
 * Wakes the end that sleeps on this word, if one does. Call after the store it waits for; before it too, to have it wake up meanwhile.
 * @returns whether it slept.
 */
export function ring(words: Int32Array<SharedArrayBuffer>, index: number): boolean {
  // SYNC: with Doorbell.raise().
  if (Atomics.load(words, index) === 1 && Atomics.compareExchange(words, index, 1, 0) === 1) {
    Atomics.notify(words, index)
    return true
  }
  return false
}

/** Wakes whatever sleeps on this word or is about to, at shutdown and death. */
export function ringAlways(words: Int32Array<SharedArrayBuffer>, index: number): void {
  Atomics.store(words, index, 0)
  Atomics.notify(words, index)
}

export function ringHome(hub: Int32Array<SharedArrayBuffer>): void {
  ring(hub, HOME_DOORBELL)
}

export function ringRemote(lane: Int32Array<SharedArrayBuffer>): void {
  ring(lane, DOORBELL)
}
