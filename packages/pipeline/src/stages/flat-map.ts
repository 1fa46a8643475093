import type { StageContext } from '../attempts.js'

type Flat<U> = Iterable<U> | AsyncIterable<U>

/** Hands on what an iterable gives, pulling it only as fast as the next stage takes it; a stop closes the iterable. */
export async function spread<U>(answer: Flat<U>, _item: unknown, emit: (value: U) => Promise<void>): Promise<void> {
  if (Symbol.asyncIterator in answer) {
    for await (const value of answer) await emit(value)
  } else {
    for (const value of answer) await emit(await value)
  }
}

/** A function that answers with all its results at once, so that an attempt which fails half-way leaves none behind. */
export function gathered<T, U>(
  fn: (item: T, context: StageContext) => Flat<U> | PromiseLike<Flat<U>>,
): (item: T, context: StageContext) => Promise<U[]> {
  return async (item, context) => {
    const answer = await fn(item, context)
    if (Array.isArray(answer)) return answer as U[]
    const values: U[] = []
    for await (const value of answer) values.push(value)
    return values
  }
}
