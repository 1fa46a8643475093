import type { StageContext } from '../attempts.js'
import { isAsync, isSource } from '../source.js'

type Flat<U> = Iterable<U> | AsyncIterable<U>

/** Hands on what an iterable gives, pulling it only as fast as the next stage takes it; a stop closes the iterable. */
export async function spread<U>(answer: Flat<U>, _item: unknown, emit: (value: U) => Promise<void>): Promise<void> {
  checkAnswer(answer)
  if (isAsync(answer)) {
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
    checkAnswer(answer)
    if (Array.isArray(answer)) return answer as U[]
    const values: U[] = []
    for await (const value of answer) values.push(value)
    return values
  }
}

function checkAnswer(answer: unknown): void {
  if (isSource(answer)) return
  throw new TypeError(
    `flatMap: the function answers an array or another iterable, an empty one for nothing, got ${answer}`,
  )
}
