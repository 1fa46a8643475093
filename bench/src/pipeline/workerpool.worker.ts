import workerpool from 'workerpool'
import { spin } from '../harness/spin.js'
import type { Task } from './tasks.js'

workerpool.worker({
  work({ index, us }: Task): number {
    spin(us)
    return index
  },
})
