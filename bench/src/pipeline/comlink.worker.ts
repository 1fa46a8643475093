import { parentPort } from 'node:worker_threads'
import { expose } from 'comlink'
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs'
import { spin } from '../harness/spin.js'
import type { Task } from './tasks.js'

parentPort!.postMessage('ready')
expose(
  {
    work({ index, us }: Task): number {
      spin(us)
      return index
    },
  },
  nodeEndpoint(parentPort!),
)
