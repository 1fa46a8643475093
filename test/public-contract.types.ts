// The public contract as types: this file compiles exactly as long as nothing that users rely on is renamed or weakened.
// It is compiled by `npm test` and never run.
import type { Worker } from 'node:worker_threads'
import type {
  BridgeStats,
  Codec,
  ConsumerHandle,
  Infer,
  ItemOfCodec,
  ProducerHandle,
  RemoteLost,
} from '@millrace/bridge'
import {
  auto,
  bool,
  bytes,
  FanInQueue,
  FanOutQueue,
  f64,
  float64,
  HandleClosed,
  ItemTooLarge,
  json,
  optional,
  struct,
  text,
  u8Array,
  u32,
  utf8,
  WrongThread,
} from '@millrace/bridge'
import { installTransferHandlers, nodeEndpoint } from '@millrace/bridge/comlink'
import { mapping, mapThreads, stream, streaming } from '@millrace/bridge/piscina'
import { type Consumer, openConsumer, openProducer, type Producer } from '@millrace/bridge/worker'
import { pipeline } from '@millrace/pipeline'
import {
  type ConsumerEnd,
  consume,
  type ItemOf,
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
import type { Endpoint } from 'comlink'
import type { Piscina } from 'piscina'

/** Fails to compile where `value` is not usable as T. */
declare function has<T>(value: T): void
/** Fails to compile where A and B are not one and the same type. */
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
declare function same<A, B>(...different: Equal<A, B> extends true ? [] : [never]): void
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
same<ItemOf<Queue<Job>>, Job>()
// @ts-expect-error a queue of jobs takes no texts
void jobs.put('text')
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
has<BridgeStats>(fanIn.stats())
same<ItemOf<typeof fanIn>, Job>()
has<Promise<{ index: number; item: Job }>>(select([jobs, fanIn], wait))
has<AsyncIterableIterator<Job>>(merge<Job>(jobs, fanIn))
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
has<Promise<{ index: number; item: Job }>>(select([jobs, consumer]))
consumer.close()
consumer.shutdown({ immediate: true })
has<Iterator<Job>>(consumer[Symbol.iterator]())

has<Codec<unknown>>(auto())
has<Codec<Uint8Array>>(bytes())
has<Codec<string>>(utf8())
has<Codec<number>>(float64())
has<Codec<Job>>(json<Job>())
const reading = struct({ id: u32, score: f64, name: text, pixels: u8Array, ok: bool, tag: optional(text) })
interface Reading {
  id: number
  score: number
  name: string
  pixels: Uint8Array
  ok: boolean
  tag?: string | undefined
}
type Inferred = ItemOfCodec<typeof reading>
has<(given: Reading) => void>((given: Inferred) => void given)
has<(given: Inferred) => void>((given: Reading) => void given)
same<Inferred['pixels'], Uint8Array>()
same<Inferred['tag'], string | undefined>()
same<Infer<{ id: typeof u32 }>, { id: number }>()
same<FanInQueue<Inferred>, ReturnType<typeof readings>>()
const readings = () => new FanInQueue({ codec: reading })
// @ts-expect-error the id is a number
has<Inferred>({ id: '1', score: 1, name: '', pixels: new Uint8Array(), ok: true })
declare const lost: RemoteLost
has<[string, number, number | null | undefined, number, number]>([
  lost.name,
  lost.threadId,
  lost.exitCode,
  lost.deliveredItems,
  lost.lostItems,
])
void [ItemTooLarge, HandleClosed, WrongThread]

declare const pool: Piscina
declare const typedPool: Piscina<{ readonly folder: string }, number>
has<FanInQueue<number>>(stream<number>(pool, { n: 3 }, { signal, maxItems: 4 }))
has<FanInQueue<number>>(stream<number>(typedPool, { folder: 'x' }))
has<AsyncIterableIterator<string>>(
  mapThreads<number, string>(pool, [1, 2], { concurrency: 2, ordered: true, window: 8, signal, onError: 'throw' }),
)
void streaming(async function* (task: { n: number }) {
  yield task.n
})
void streaming((task: { n: number }, out: Producer<number>) => out.putBlocking(task.n))
void mapping((item: number) => `${item}`)
has<void>(installTransferHandlers())
has<Endpoint>(nodeEndpoint(worker))

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
const further = pipeline(jobs)
  .mapThreads<string>('read', new URL('file:///read.worker.js'), { threads: 4, ordered: false })
  .flatMap('letters', (word) => [...word])
  .tap((letter: string) => void letter)
  .batch({ max: 10, linger: 5 })
has<AsyncIterable<string[]>>(further)
const report = further.run({
  signal,
  onError: (failure) => void failure.input,
  onProgress: (stats) => void stats.bottleneck,
})
report.then(({ failures: [failure], stages: [stage], bottleneck }) => {
  same<keyof typeof failure, 'stage' | 'index' | 'input' | 'error' | 'attempts'>()
  has<number[]>([stage.in, stage.out, stage.failed, stage.retried, stage.dropped, stage.active, stage.queued])
  has<number[]>([stage.itemsPerSecond, stage.utilisation, stage.wait.p50, stage.service.p99])
  has<string | null>(bottleneck)
})
void QueueError
