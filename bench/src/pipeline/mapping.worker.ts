import { workerData } from 'piscina'
import { spin } from '../harness/spin.js'
import type { Task } from './tasks.js'

const { mapping } = (await import(workerData as string)) as typeof import('@millrace/bridge/piscina')

export default mapping<Task, number>(({ index, us }) => {
  spin(us)
  return index
})
