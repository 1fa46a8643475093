// The public contract as types: this file compiles exactly as long as nothing that users rely on is renamed or weakened.
// It is compiled by `npm test` and never run.
import type { Worker } from 'node:worker_threads'
import type { Codec, ConsumerHandle, ProducerHandle, RemoteLost } from '@millrace/bridge'
import {
  auto,
  bytes,
  FanInQueue,
  FanOutQueue,
  float64,
  HandleClosed,
  ItemTooLarge,
  json,
  struct,
  utf8,
  WrongThread,
} from '@millrace/bridge'
import { type Consumer, openConsumer, openProducer, type Producer } from '@millrace/bridge/worker'
import { pipeline } from '@millrace/pipeline'
import {
  type ConsumerEnd,
  consume,
  LifoQueue,
  merge,
  type Overflow,
  PriorityQueue,
  type ProducerEnd,
  Queue,
  QueueEmpty,
  QueueError,
  QueueFull,
  type QueueOptions,
  QueueShutDown,
  type QueueStats,
  QueueTimeout,
  RateLimiter,
  type Storage,
  select,
  toReadableStream,
  toWritableStream,
  type WaitOptions,
} from '@millrace/queue'

/** Fails to compile where `value` is not usable as T. */
declare function has<T>(value: T): void
declare const signal: AbortSignal
declare const wait: WaitOptions

// ── @millrace/queue ──────────────────────────────────────────────────────────
interface Job {
  id: number
}
declare const storage: Storage<Job>
has<{ readonly size: number; push(item: Job): void; shift(): Job; peek(): Job; clear(): Job[] }>(storage)
has<Overflow>('block')
has<Overflow>('dropOldest')
has<Overflow>('dropNewest')
has<QueueOptions<Job>>({
  maxsize: 1,
  overflow: 'block',
  onDropped: (item: Job, reason: 'overflow' | 'clear' | 'shutdown') => void [item, reason],
  highWater: 1,
  lowWater: 0,
  storage,
  yieldAfter: 1,
  name: 'jobs',
})
const jobs = new Queue<Job>({ maxsize: 10 })
has<Queue<Job>>(new Queue<Job>())
has<Queue<Job>>(new Queue<Job>(10))
has<ProducerEnd<Job>>(jobs)
has<ConsumerEnd<Job>>(jobs)
has<AsyncDisposable>(jobs)
has<Promise<void>>(jobs.put({ id: 1 }, { signal, timeout: 5 }))
has<void>(jobs.putNowait({ id: 1 }))
has<Promise<number>>(jobs.putMany([{ id: 1 }], wait))
has<Promise<number>>(jobs.putMany((async function* () {})() as AsyncIterable<Job>))
has<Promise<void>>(jobs.join(wait))
has<void>(jobs.shutdown({ immediate: true }))
has<boolean>(jobs.isShutdown)
has<Promise<Job>>(jobs.get(wait))
has<Job>(jobs.getNowait())
has<Promise<Job[]>>(jobs.getMany({ max: 3, min: 1, signal, timeout: 1 }))
has<AsyncIterableIterator<Job[]>>(jobs.batches({ max: 3, signal }))
has<Job[]>(jobs.drain())
has<void>(jobs.taskDone(2))
has<number>(jobs.unfinishedTasks)
has<number>(jobs.qsize())
has<boolean>(jobs.full())
has<boolean>(jobs.empty())
jobs.maxsize = 3
has<[number, number, number]>([jobs.getting, jobs.putting, jobs.joining])
has<Promise<Job>>(jobs.peek(wait))
has<Job>(jobs.peekNowait())
has<number>(jobs.clear())
has<void>(jobs.fail(new Error('x')))
has<boolean>(jobs.paused)
has<Promise<void>>(jobs.resumed(wait))
jobs.onPaused = () => {}
jobs.onResumed = () => {}
has<QueueStats>(jobs.stats())
has<QueueStats>(jobs.toJSON())
has<string>(jobs.toString())
has<AsyncIterableIterator<Job>>(jobs[Symbol.asyncIterator]())
has<Promise<void>>(jobs[Symbol.asyncDispose]())
has<Queue<Job>>(new LifoQueue<Job>(2))
has<Queue<Job>>(new PriorityQueue<Job>({ compare: (a, b) => a.id - b.id, maxsize: 2 }))
has<Promise<{ index: number; queue: Queue<Job>; item: Job }>>(select([jobs], { signal, timeout: 1 }))
has<AsyncIterableIterator<Job>>(merge<Job>(jobs, jobs))
has<Promise<{ done: number; failed: number }>>(
  consume(jobs, (item: Job, ctx: { signal: AbortSignal }) => void [item, ctx.signal], {
    concurrency: 2,
    signal,
    onError: (error: unknown, item: Job) => void [error, item],
  }),
)
consume(jobs, () => {}, { onError: 'throw' })
const limiter = new RateLimiter({ limit: 1, interval: 1000, burst: 2 })
has<Promise<void>>(limiter.acquire({ signal, timeout: 1, weight: 2 }))
has<boolean>(limiter.tryAcquire(1))
for (const error of [new QueueEmpty(''), new QueueFull(''), new QueueShutDown(''), new QueueTimeout('')]) {
  has<QueueError>(error)
  has<string>(error.code)
  has<string | undefined>(error.queue)
}
has<ReadableStream<Job>>(toReadableStream(jobs))
has<WritableStream<Job>>(toWritableStream(jobs))
Queue.from([1, 2, 3])

// ── @millrace/bridge ─────────────────────────────────────────────────────────
const fanIn = new FanInQueue<Job>({
  capacityBytes: 1 << 16,
  maxItems: 10,
  codec: json<Job>(),
  name: 'in',
  yieldAfter: 1,
  order: 'arrival',
  onRemoteLost: 'continue',
})
has<ConsumerEnd<Job>>(fanIn)
has<AsyncDisposable>(fanIn)
const producerHandle = fanIn.producer({ name: 'p', transferable: true })
has<ProducerHandle<Job>>(producerHandle)
has<readonly unknown[]>(producerHandle.transferList)
declare const worker: Worker
has<FanInQueue<Job>>(fanIn.watch(worker))
has<Promise<void>>(fanIn.join(wait))
has<void>(fanIn.shutdown({ immediate: true }))
has<boolean>(fanIn.isShutdown)
has<AsyncIterableIterator<{ bytes: Uint8Array; release(): void }>>(fanIn.leases())
has<
  AsyncIterableIterator<
    Iterable<Uint8Array> & Disposable & { readonly length: number; at(index: number): Uint8Array; release(): void }
  >
>(fanIn.leaseBatches({ max: 8 }))
has<void>(fanIn.closeWhenIdle())
has<FanInQueue<Job>>(fanIn.ref().unref())
has<object>(fanIn.stats())
const fanOut = new FanOutQueue<Job>({ prefetch: 2, onConsumerLost: 'redeliver', maxDeliveries: 3 })
has<ProducerEnd<Job>>(fanOut)
has<AsyncDisposable>(fanOut)
const consumerHandle = fanOut.consumer({ name: 'c' })
has<ConsumerHandle<Job>>(consumerHandle)

const producer: Producer<Job> = openProducer(producerHandle, { codec: json<Job>() })
has<Disposable & AsyncDisposable>(producer)
has<Promise<void>>(producer.put({ id: 1 }, { signal, timeout: 1, transfer: [] }))
has<void>(producer.putBlocking({ id: 1 }, { timeout: 1, transfer: [] }))
has<void>(producer.putNowait({ id: 1 }, { transfer: [] }))
has<number>(producer.putMany([{ id: 1 }]))
has<
  | (Iterable<Uint8Array> & Disposable & { at(index: number): Uint8Array; commit(count?: number): void; abort(): void })
  | null
>(producer.reserveMany(8, 1024))
const reservation = producer.reserve(8)
if (reservation) {
  has<Uint8Array>(reservation.bytes)
  reservation.commit(8)
  reservation.abort()
}
producer.flush()
has<Promise<void>>(producer.join(wait))
has<void>(producer.joinBlocking({ timeout: 1 }))
producer.close()
producer.shutdown({ immediate: true })
has<number>(producer.qsize() + producer.unfinishedTasks)
has<boolean>(producer.isShutdown)
has<AbortSignal>(producer.signal)
has<void>(producer.checkpoint())

const consumer: Consumer<Job> = openConsumer(consumerHandle, { codec: json<Job>() })
has<ConsumerEnd<Job> & Disposable>(consumer)
has<Job>(consumer.getBlocking({ timeout: 1 }))
consumer.close()
consumer.shutdown({ immediate: true })
has<Iterator<Job>>(consumer[Symbol.iterator]())

has<Codec<unknown>>(auto())
has<Codec<Uint8Array>>(bytes())
has<Codec<string>>(utf8())
has<Codec<number>>(float64())
has<Codec<Job>>(json<Job>())
void struct
declare const lost: RemoteLost
has<[string, number, number | null | undefined, number, number]>([
  lost.name,
  lost.threadId,
  lost.exitCode,
  lost.deliveredItems,
  lost.lostItems,
])
void [ItemTooLarge, HandleClosed, WrongThread]

// ── @millrace/pipeline ───────────────────────────────────────────────────────
const stages = pipeline(['a', 'b'], { signal })
  .map('length', (text: string) => text.length, {
    concurrency: 8,
    queueSize: 4,
    timeout: 10,
    rate: { limit: 20, interval: 1000 },
    retry: { attempts: 3 },
    onError: 'skip',
  })
  .filter((n: number) => n > 1)
  .map('save', async (n: number) => n, { concurrency: 4 })
has<AsyncIterable<number>>(stages)
has<Promise<object>>(stages.run({ onError: 'collect' }))
void QueueError
