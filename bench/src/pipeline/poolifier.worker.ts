import { ThreadWorker } from 'poolifier'
import { spin } from '../harness/spin.js'
import type { Task } from './tasks.js'

function work(task?: Task): number {
  spin(task!.us)
  return task!.index
}

export default new ThreadWorker<Task, number>(work)
