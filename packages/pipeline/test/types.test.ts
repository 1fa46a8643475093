import { Queue } from '@millrace/queue'
import { expectTypeOf, it } from 'vitest'
import { type Pipeline, pipeline, type StageContext } from '../src/index.js'

it('types flow from stage to stage', () => {
  const built = pipeline(['1', '2'])
    .map('parse', (text, context) => {
      expectTypeOf(text).toEqualTypeOf<string>()
      expectTypeOf(context).toEqualTypeOf<StageContext>()
      return Promise.resolve(Number(text))
    })
    .flatMap('both', async function* (n) {
      expectTypeOf(n).toEqualTypeOf<number>()
      yield n
      yield null
    })
    .filter('present', (n): n is number => n !== null)
    .batch({ max: 10 })
    .tap('look', (batch) => expectTypeOf(batch).toEqualTypeOf<number[]>())
  expectTypeOf(built).toEqualTypeOf<Pipeline<number[]>>()
})

it('the source gives the first type: iterables, async iterables, queues', () => {
  expectTypeOf(pipeline(new Queue<Date>())).toEqualTypeOf<Pipeline<Date>>()
  expectTypeOf(pipeline(new Map([['a', 1]]))).toEqualTypeOf<Pipeline<[string, number]>>()
  expectTypeOf(pipeline([1]).merge(['a'])).toEqualTypeOf<Pipeline<number | string>>()
})

it('a filter without a type predicate keeps the type', () => {
  expectTypeOf(pipeline([1]).filter((n) => n > 0)).toEqualTypeOf<Pipeline<number>>()
})
