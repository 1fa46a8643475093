// What stands in for the platform where the shipped ends are explored whole. None of it shares memory.

import type { Program, ProgramOptions } from '@millrace/interleave'
import * as queue from '@millrace/queue'
import * as waiting from '@millrace/queue/waiting'
import type { Shared } from './scenarios/whole-fan-out.js'

/** The options of a program whose threads may make buffers and know their number. */
export function standIns(programOf: () => Program | undefined): Pick<ProgramOptions, 'modules' | 'globals'> {
  /** The running thread's copy of what setup returned; undefined in setup. */
  const own = () => programOf()?.runtime.context.shared as Shared | undefined
  /** Memory that a thread makes must be known to the explorer before: the thread gets what setup has made for it. */
  function MadeBuffer(bytes: number): SharedArrayBuffer {
    const shared = own()
    return shared === undefined ? new SharedArrayBuffer(bytes) : shared.made[shared.next++]
  }
  MadeBuffer.prototype = SharedArrayBuffer.prototype
  const nothing = () => {}
  return {
    modules: {
      '@millrace/queue': queue,
      '@millrace/queue/waiting': waiting,
      'src/runtime.ts': {
        get thisThread() {
          return own()?.thread ?? 0
        },
        isWorkerThread: false,
        workerThreads: {},
        hostProcess: undefined,
        nextTurn: nothing,
        sharedNow: () => 0,
        shared: (_: string, create: () => unknown) => create(),
        createIdleTimer: () => ({}),
        requireSharedMemory: nothing,
      },
      'src/turn.ts': { turn: { join: nothing, isSpent: () => false } },
      'src/keep-alive.ts': {
        Hold: class {
          set(): void {}
        },
      },
      'src/natural-end.ts': { naturalEnd: { add: nothing, delete: nothing } },
      'src/liveness.ts': { liveness: { join: () => undefined, leave: nothing } },
      'src/web-locks.ts': { holdLock: nothing },
      'src/home-watch.ts': { homeWatch: { announce: nothing } },
      'src/codecs/description.ts': { codecFromDescription: nothing, describeCodec: () => ({ name: 'words' }) },
      'src/codecs/memory.ts': {},
      'src/parcel.ts': { pack, packNumber: nothing, packRun },
      'src/fan-in/getters.ts': {},
      'src/worker/acknowledging-iterators.ts': {},
      'src/worker/blocking-iterator.ts': {},
    },
    globals: {
      SharedArrayBuffer: MadeBuffer,
      WeakRef: class {
        constructor(private readonly held: unknown) {}
        deref(): unknown {
          return this.held
        }
      },
      FinalizationRegistry: class {
        register(): void {}
      },
      performance: { now: () => 0 },
      queueMicrotask: nothing,
    },
  }
}

/** As the shipped one does for a codec that knows sizes, without the memory that it keeps for the others. */
function pack(codec: { encode: (item: unknown, bytes: Uint8Array, start: number) => unknown }, item: unknown) {
  const bytes = new Uint8Array(8)
  const words = new Int32Array(bytes.buffer)
  void codec
  words[0] = item as number
  words[1] = ~(item as number)
  return { bytes, length: 8, sent: 0, isBegun: false }
}

function packRun(codec: Parameters<typeof pack>[0], items: ArrayLike<unknown>, from: number, to: number) {
  const bytes = new Uint8Array(8 * (to - from))
  for (let i = from; i < to; i++) bytes.set(pack(codec, items[i]).bytes, 8 * (i - from))
  return { bytes, length: bytes.length, sent: 0, isBegun: false }
}
