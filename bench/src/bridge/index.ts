import type { Group } from '../harness/group.js'
import { bytesGroups } from './bytes.js'
import { fanOut } from './fan-out.js'
import { fanOutTiny } from './fan-out-tiny.js'
import { floodFast, floodSlow } from './flood.js'
import { idleCpu } from './idle-cpu.js'
import { latencyBusy, latencyIdle } from './latency.js'
import { numbers } from './numbers.js'
import { objects, texts } from './objects.js'
import { producers } from './producers.js'
import { startUp } from './start-up.js'

export const bridgeGroups: readonly Group[] = [
  numbers,
  objects,
  texts,
  ...bytesGroups,
  producers,
  fanOut,
  fanOutTiny,
  latencyIdle,
  latencyBusy,
  floodFast,
  floodSlow,
  idleCpu,
  startUp,
]
