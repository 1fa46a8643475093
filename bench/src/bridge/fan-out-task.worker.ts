import { spin } from '../harness/spin.js'
import type { UnevenTask } from './fan-out.worker.js'

export default function work({ id, us }: UnevenTask): number {
  spin(us)
  return id
}
