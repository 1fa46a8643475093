import { homeWatch } from './home-watch.js'

export type { Codec, ItemOfCodec } from './codec.js'
export * from './codecs/index.js'
export { CodecError, HandleClosed, ItemTooLarge, type Loss, RemoteLost, WrongThread } from './errors.js'
export { FanInQueue } from './fan-in/fan-in-queue.js'
export { Lease } from './fan-in/lease.js'
export { LeaseBatch } from './fan-in/lease-batch.js'
export { FanOutQueue } from './fan-out/fan-out-queue.js'
export type { Ledger } from './fan-out/ledger.js'
export type { FanOutOptions } from './fan-out/options.js'
export type { FanOutStats, OutLaneStats } from './fan-out/stats.js'
export { BadHandle, type ConsumerHandle, type ProducerHandle, type Transferable } from './handle.js'
export type { BridgeOptions } from './options.js'
export type { BridgeStats, LaneStats, ParkedFor } from './stats.js'

homeWatch.listen()
