import { advance } from './position.js'
import { shared } from './runtime.js'

/** A home end that other threads may have something to tell. */
export interface Neighbour {
  /** Looks at everything that it may have been told. */
  pump(): void
}

/**
 * Fan-outs with items under way, of all home ends on this thread. They are held here: a fan-out lives although nothing but its doorbell
 * may know of it, for should a consumer die its items are needed again.
 *
 * A thread that takes tasks from a fan-out here and puts results into a fan-in here rings once for both, with the result: whoever wakes
 * this loop has the neighbours look too. Nothing depends on that, only how soon it happens: a consumer rings by itself before it sleeps.
 */
export const neighbours = shared('neighbours', () => new Set<Neighbour>())

export function haveNeighboursLook(): void {
  if (neighbours.size > 0) for (const neighbour of neighbours) neighbour.pump()
}

/** A lane that this thread puts into, with the count of all that it has put. */
interface Counting {
  readonly accepted: number
}

/** Puts of this thread to the home ends of another, counted. Asked for now and then, so that a put need not count for it. */
export class PutCount {
  private readonly lanes = new Set<Counting>()
  private closed = 0

  add(lane: Counting): void {
    this.lanes.add(lane)
  }

  delete(lane: Counting): void {
    if (this.lanes.delete(lane)) this.closed = advance(this.closed, lane.accepted)
  }

  get puts(): number {
    let sum = this.closed
    for (const { accepted } of this.lanes) sum = advance(sum, accepted)
    return sum
  }
}

const counts = shared('puts', () => new Map<number, PutCount>())

/** The count of this thread's puts to whatever has its home in `thread`. */
export function putsTo(thread: number): PutCount {
  let count = counts.get(thread)
  if (count === undefined) {
    count = new PutCount()
    counts.set(thread, count)
  }
  return count
}
