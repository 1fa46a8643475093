import { spin } from '../harness/spin.js'
import type { Task } from './tasks.js'

/** An ordinary module, as pipelines, piscina and tinypool load it. */
export default function work({ index, us }: Task): number {
  spin(us)
  return index
}
