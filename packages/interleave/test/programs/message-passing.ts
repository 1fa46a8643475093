// One thread leaves a message in plain words and raises a flag; the other sleeps on the flag and reads.
import { done, onExit, post, record } from '@millrace/interleave/thread'

const FLAG = 0

interface Shared {
  flag: Int32Array
  data: Int32Array
  bytes: Uint8Array
}

export function setup(): Shared {
  const bytes = new Uint8Array(new SharedArrayBuffer(16))
  bytes[0] = 7
  return { flag: new Int32Array(new SharedArrayBuffer(4)), data: new Int32Array(new SharedArrayBuffer(8)), bytes }
}

function raise(flag: Int32Array): void {
  Atomics.store(flag, FLAG, 1)
  Atomics.notify(flag, FLAG)
}

export function writes({ data, flag }: Shared): void {
  data[0] = 41
  data[1] = 1
  raise(flag)
}

export function publishesFirst({ data, flag }: Shared): void {
  raise(flag)
  data[0] = 41
  data[1] = 1
}

export function plainFlag({ data, flag }: Shared): void {
  data[0] = 41
  flag[FLAG] = 1
  Atomics.notify(flag, FLAG)
}

export function forgetsToNotify({ flag }: Shared): void {
  Atomics.store(flag, FLAG, 1)
}

export function reads({ data, flag }: Shared): void {
  while (Atomics.load(flag, FLAG) === 0) Atomics.wait(flag, FLAG, 0)
  record(data[0]! + data[1]!)
}

/** Sleeps on 0 having looked at the flag, but not again after saying so. */
export function sleepsOnAnOldLook({ flag }: Shared): void {
  if (Atomics.load(flag, FLAG) === 1) return
  Atomics.store(flag, FLAG, 2)
  Atomics.wait(flag, FLAG, 2)
}

export function readsOnItsLoop(shared: Shared): void {
  const reader = new LoopReader(shared)
  reader.look()
}

class LoopReader {
  readonly shared: Shared
  constructor(shared: Shared) {
    this.shared = shared
  }

  look(): void {
    const { flag, data } = this.shared
    if (Atomics.load(flag, FLAG) === 1) {
      record(data[0]! + data[1]!)
      done()
      return
    }
    const wait = Atomics.waitAsync(flag, FLAG, 0)
    if (!wait.async) post(() => this.look())
    else wait.value.then(() => this.look())
  }
}

/** Waits for the other thread's end instead of its flag. */
export function readsAfterItsEnd({ data }: Shared): void {
  onExit('writer', () => {
    record(data[0]!)
    done()
  })
}

export function times({ flag }: Shared): void {
  record(Atomics.wait(flag, FLAG, 0, 50))
}

export function bulkWrites({ bytes, flag }: Shared): void {
  bytes.set([1, 2, 3, 4], 4)
  bytes.copyWithin(8, 4, 8)
  bytes.fill(9, 12)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, 0x0102)
  raise(flag)
}

export function bulkReads({ bytes, flag }: Shared): void {
  while (Atomics.load(flag, FLAG) === 0) Atomics.wait(flag, FLAG, 0)
  record(bytes.slice(0, 16).join())
  record(new DataView(bytes.buffer).getUint16(0, true))
}

export function raisesPlainly({ data, flag }: Shared): void {
  data[0] = 41
  data[1] = 1
  flag[FLAG] = 1
}

export function looksPlainly({ data, flag }: Shared): void {
  record(flag[FLAG] === 1 ? data[0]! + data[1]! : 'nothing')
}

export function writesAndStays({ data, flag }: Shared): void {
  data[0] = 41
  Atomics.store(flag, FLAG, 1)
  onExit('reader', done)
}

/** Reads what `writer` wrote when it has heard of the end of somebody else. */
export function hearsOfTheWrongEnd({ data, flag }: Shared): void {
  onExit('ended', () => {
    record(data[0]!)
    Atomics.store(flag, FLAG, 2)
    done()
  })
}

export function nothing(): void {}
