import { describe, expectTypeOf, it } from 'vitest'
import {
  type ConsumerEnd,
  consume,
  type ItemOf,
  LifoQueue,
  merge,
  type Permit,
  PriorityQueue,
  type ProducerEnd,
  Queue,
  type QueueStats,
  type Selected,
  type Storage,
  select,
  toReadableStream,
} from '../../src/index.js'

interface Animal {
  name: string
}
interface Dog extends Animal {
  bark(): void
}

// What these say is said to the compiler: `tsc` fails where a line is wrong.
describe('types', () => {
  it('T014 a queue takes and gives its own kind of item', () => {
    expectTypeOf<Parameters<Queue<number>['put']>[0]>().toEqualTypeOf<number>()
    expectTypeOf<string>().not.toExtend<Parameters<Queue<number>['put']>[0]>()
    expectTypeOf<ReturnType<Queue<number>['get']>>().toEqualTypeOf<Promise<number>>()
    expectTypeOf<ReturnType<Queue<number>['getNowait']>>().toEqualTypeOf<number>()
    expectTypeOf<ReturnType<Queue<number>['getMany']>>().toEqualTypeOf<Promise<number[]>>()
    expectTypeOf<ReturnType<Queue<number>['putMany']>>().toEqualTypeOf<Promise<number>>()
    expectTypeOf<ReturnType<Queue<number>['putNowait']>>().toEqualTypeOf<void>()
    // @ts-expect-error a string is no number
    void new Queue<number>().put('x')
  })

  it('T014 a queue of dogs is a source of animals, not of cats, and no place for animals', () => {
    expectTypeOf<Queue<Dog>>().toExtend<ConsumerEnd<Animal>>()
    expectTypeOf<Queue<Animal>>().not.toExtend<ConsumerEnd<Dog>>()
    expectTypeOf<ConsumerEnd<Dog>>().toExtend<ConsumerEnd<Animal>>()
    expectTypeOf<Queue<Animal>>().toExtend<ProducerEnd<Dog>>()
    expectTypeOf<Queue<Dog>>().not.toExtend<ProducerEnd<Animal>>()
    expectTypeOf<ProducerEnd<Animal>>().toExtend<ProducerEnd<Dog>>()
    expectTypeOf<ProducerEnd<Dog>>().not.toExtend<ProducerEnd<Animal>>()
  })

  it('T014 every class has both ends, and iterates and disposes', () => {
    expectTypeOf<LifoQueue<number>>().toExtend<ProducerEnd<number> & ConsumerEnd<number>>()
    expectTypeOf<PriorityQueue<number>>().toExtend<ProducerEnd<number> & ConsumerEnd<number>>()
    expectTypeOf<Queue<number>>().toExtend<AsyncIterable<number> & AsyncDisposable & Disposable>()
    expectTypeOf(new Queue<number>()[Symbol.asyncIterator]()).toExtend<AsyncIterableIterator<number>>()
    expectTypeOf(new Queue<number>().batches()).toExtend<AsyncIterableIterator<number[]>>()
    expectTypeOf<ReturnType<Queue<number>['reserve']>>().toEqualTypeOf<Promise<Permit<number>>>()
    expectTypeOf<ReturnType<Queue<number>['toJSON']>>().toEqualTypeOf<QueueStats>()
  })

  it('T014 options know the item', () => {
    expectTypeOf(new PriorityQueue<Dog>({ compare: (a, b) => a.name.length - b.name.length })).toEqualTypeOf<
      PriorityQueue<Dog>
    >()
    expectTypeOf(new LifoQueue<Dog>({ onDropped: (dog) => dog.bark() })).toEqualTypeOf<LifoQueue<Dog>>()
    expectTypeOf<Storage<Dog>>().toExtend<{ shift(): Animal }>()
    // @ts-expect-error a queue with an order of its own takes no storage
    const refused = (): unknown => new LifoQueue<number>({ storage: [] })
    expectTypeOf(refused).toBeFunction()
  })

  it('T014 select, merge, consume and streams know what they give', () => {
    expectTypeOf<ItemOf<Queue<Dog>>>().toEqualTypeOf<Dog>()
    const selecting = () => select([new Queue<number>(), new LifoQueue<number>()])
    expectTypeOf<Awaited<ReturnType<typeof selecting>>['item']>().toEqualTypeOf<number>()
    const mixed = () => select<Queue<number> | Queue<string>>([new Queue<number>(), new Queue<string>()])
    expectTypeOf<Awaited<ReturnType<typeof mixed>>>().toEqualTypeOf<Selected<Queue<number> | Queue<string>>>()
    expectTypeOf<Awaited<ReturnType<typeof mixed>>['item']>().toEqualTypeOf<number | string>()
    expectTypeOf(merge<Animal>(new Queue<Dog>(), new Queue<Animal>())).toExtend<AsyncIterable<Animal>>()
    expectTypeOf(consume<Dog>)
      .parameter(1)
      .parameter(0)
      .toEqualTypeOf<Dog>()
    expectTypeOf(toReadableStream(new Queue<Dog>())).toEqualTypeOf<ReadableStream<Dog>>()
    expectTypeOf(Queue.from([1, 2])).toEqualTypeOf<Queue<number>>()
  })
})
