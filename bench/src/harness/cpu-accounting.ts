import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'

/** Milliseconds of CPU time since boot, or since the process began. */
export interface CpuTimes {
  readonly atMs: number
  /** All processes, the hypervisor's steal included. Undefined where /proc/stat does not exist. */
  readonly machineMs: number | undefined
  /** This process with its threads and the children that it has waited for. */
  readonly ownMs: number
  /** How long threads of this process stood ready without a core. Undefined where the kernel does not tell. */
  readonly waitedMs: number | undefined
}

const JIFFY_MS = 10

export function readCpuTimes(): CpuTimes {
  const atMs = performance.now()
  try {
    const [, ...fields] = readFileSync('/proc/stat', 'latin1').split('\n', 1)[0]!.trim().split(/\s+/)
    const [user, nice, system, , , irq, softirq, steal] = fields.map(Number)
    const own = readFileSync('/proc/self/stat', 'latin1').split(') ')[1]!.split(' ').map(Number)
    // After the command's closing bracket: utime, stime, cutime, cstime are fields 11 to 14.
    const ownJiffies = own[11]! + own[12]! + own[13]! + own[14]!
    const machineJiffies = user! + nice! + system! + irq! + softirq! + steal!
    return { atMs, machineMs: machineJiffies * JIFFY_MS, ownMs: ownJiffies * JIFFY_MS, waitedMs: readWaitedMs() }
  } catch {
    const { user, system } = process.cpuUsage()
    return { atMs, machineMs: undefined, ownMs: (user + system) / 1000, waitedMs: undefined }
  }
}

function readWaitedMs(): number | undefined {
  let ns = 0
  try {
    for (const thread of readdirSync('/proc/self/task')) {
      // Run time, time waited for a core, slices; nanoseconds. A thread may end between the two readings.
      ns += Number(readFileSync(`/proc/self/task/${thread}/schedstat`, 'latin1').split(' ')[1])
    }
    return ns / 1e6
  } catch {
    return undefined
  }
}

/**
 * How much others spoiled what ran between two readings, 0 to 1; undefined where the machine does not tell.
 *
 * Two things must come together: others used that share of the machine (other processes, the hypervisor; within the
 * kernel's grain of 10 ms a core it counts as nothing), and our threads stood waiting for a core for that share of the
 * time. Others on a core that we did not need spoil nothing, and our own threads in each other's way are no theft.
 *
 * @param elsewhere - what ran was another process of ours, whose waiting we cannot see: then the first alone decides
 */
export function stolenShare(from: CpuTimes, to: CpuTimes, elsewhere = false): number | undefined {
  if (from.machineMs === undefined || to.machineMs === undefined) return undefined
  const cores = availableParallelism()
  const elapsedMs = Math.max(to.atMs - from.atMs, 1)
  const foreignMs = to.machineMs - from.machineMs - (to.ownMs - from.ownMs)
  const foreign = Math.max(0, foreignMs - JIFFY_MS * cores) / (elapsedMs * cores)
  if (elsewhere || from.waitedMs === undefined || to.waitedMs === undefined) return foreign
  return Math.min(foreign, Math.max(0, to.waitedMs - from.waitedMs) / elapsedMs)
}
