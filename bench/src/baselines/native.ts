import { execFile, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Contender } from '../harness/group.js'

const run = promisify(execFile)
const source = (name: string) => fileURLToPath(new URL(`../src/baselines/${name}`, import.meta.url))
const binary = (name: string) => fileURLToPath(new URL(`../.native/${name}`, import.meta.url))

interface Toolchain {
  readonly command: string
  readonly file: string
  readonly arguments: (from: string, to: string) => string[]
}

const cpp: Toolchain = {
  command: 'g++',
  file: 'spsc_ring.cpp',
  arguments: (from, to) => ['-O3', '-std=c++20', '-march=native', '-pthread', '-o', to, from],
}
const rust: Toolchain = {
  command: 'rustc',
  file: 'mpsc.rs',
  arguments: (from, to) => ['-C', 'opt-level=3', '-C', 'target-cpu=native', '-o', to, from],
}

/** A baseline of our own writing in another language, compiled where its compiler is present. */
function native(toolchain: Toolchain, name: string, how: string, kase: string, bytes?: number, weight = 1): Contender {
  const { command, file } = toolchain
  const executable = binary(`${file.split('.')[0]}`)
  return {
    name,
    kind: 'baseline',
    elsewhere: true,
    how,
    // A compiler may be there and yet not work: rustup's stand-in for rustc finds no toolchain where HOME is empty.
    unavailable: () =>
      spawnSync(command, ['--version']).status === 0
        ? undefined
        : `${command} is not on this machine, or does not work`,
    async prepare() {
      if (isNewer(executable, source(file))) return
      mkdirSync(binary(''), { recursive: true })
      await run(command, toolchain.arguments(source(file), executable))
    },
    async run(items) {
      const args = [kase, String(items), ...(bytes === undefined ? [] : [String(bytes)])]
      const { stdout } = await run(executable, args)
      const { count, sum, seconds } = JSON.parse(stdout) as { count: number; sum: number; seconds: number }
      return { value: (count * weight) / seconds, items: count, seconds, digest: { count, sum } }
    },
  }
}

function isNewer(file: string, than: string): boolean {
  return existsSync(file) && statSync(file).mtimeMs > statSync(than).mtimeMs
}

export const cppOne = () =>
  native(
    cpp,
    'C++ ring, one by one',
    'SPSC ring of our own, g++ -O3, both threads spinning, every number published',
    'one',
  )
export const cppBatched = () =>
  native(
    cpp,
    'C++ ring, by 64',
    'SPSC ring of our own, g++ -O3, both threads spinning, published 64 at a time',
    'batched',
  )
export const cppBytes = (size: number) =>
  native(
    cpp,
    'C++ ring',
    'SPSC ring of our own, g++ -O3, both threads spinning, copied in and out',
    'bytes',
    size,
    size,
  )
export const rustChannel = () => native(rust, 'Rust mpsc::channel', 'std::sync::mpsc::channel, no bound', 'channel')
export const rustSyncChannel = () =>
  native(rust, 'Rust mpsc::sync_channel', 'std::sync::mpsc::sync_channel(1024)', 'sync-channel')
