// What stands in for the platform where the shipped ends are explored whole. None of it shares memory.

import type { Program, ProgramOptions } from '@millrace/interleave'
import * as queue from '@millrace/queue'
import { markKind } from '@millrace/queue/waiting'
import * as errors from '../../src/errors.js'
import type { Shared } from './scenarios/whole-fan-in.js'

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
      'queue/src/errors.ts': { ...queue, markKind },
      'bridge/src/errors.ts': errors,
      '@millrace/queue/waiting': new URL('../../../queue/src/waiting/index.ts', import.meta.url),
      'src/runtime.ts': {
        get thisThread() {
          return own()?.thread ?? 0
        },
        isWorkerThread: false,
        isDeno: false,
        // Fewer than there are remote ends: the home end does not look by itself before it sleeps.
        parallelism: 0,
        workerThreads: {},
        hostProcess: undefined,
        nextTurn: nothing,
        sharedNow: () => 0,
        shared: (_: string, create: () => unknown) => create(),
        createIdleTimer: () => ({}),
        requireSharedMemory: nothing,
      },
      'src/turn.ts': new URL('./scenarios/turn.ts', import.meta.url),
      'src/keep-alive.ts': {
        Hold: class {
          set(): void {}
        },
      },
      'src/natural-end.ts': { naturalEnd: { add: nothing, delete: nothing } },
      'src/liveness.ts': { liveness: { join: () => undefined, leave: nothing } },
      'src/web-locks.ts': { holdLock: nothing, newLockName: nothing, whenLockFree: nothing },
      'src/neighbours.ts': {
        neighbours: { add: nothing, delete: nothing },
        haveNeighboursLook: nothing,
        putsTo: () => ({ puts: 0, add: nothing, delete: nothing }),
      },
      'src/home-watch.ts': { homeWatch: { announce: nothing } },
      'src/codecs/description.ts': { codecFromDescription: nothing, describeCodec: () => ({ name: 'words' }) },
      'src/codecs/index.ts': {},
      'src/codecs/memory.ts': {},
      'src/codecs/lays-doubles.ts': { laysDoubles: ({ name }: { name: string }) => name === 'double' },
      'src/parcel.ts': { pack, packInPlace: pack, packNumber: nothing, packRun },
      'src/fan-in/iterators.ts': {},
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
function pack({ name, fixedSize }: { readonly name: string; readonly fixedSize: number }, item: unknown) {
  const bytes = new Uint8Array(fixedSize)
  if (name === 'double') new Float64Array(bytes.buffer)[0] = item as number
  else {
    const words = new Int32Array(bytes.buffer)
    words[0] = item as number
    words[1] = ~(item as number)
  }
  return { bytes, length: bytes.length, sent: 0, isBegun: false }
}

function packRun(codec: Parameters<typeof pack>[0], items: ArrayLike<unknown>, from: number, to: number) {
  const bytes = new Uint8Array(8 * (to - from))
  for (let i = from; i < to; i++) bytes.set(pack(codec, items[i]).bytes, 8 * (i - from))
  return { bytes, length: bytes.length, sent: 0, isBegun: false }
}
