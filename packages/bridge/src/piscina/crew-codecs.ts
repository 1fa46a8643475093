import { memoryOf } from '../codecs/memory.js'
import { auto, type Codec } from '../worker.js'

/** A call on its way to a thread. */
export interface Job {
  readonly id: number
  readonly item: unknown
}

/** The function's answer; one of several; no more of them; what it threw; given up before it began; a thread is ready. */
export const ANSWER = 0
export const PART = 1
export const END = 2
export const THROWN = 3
export const SKIPPED = 4
export const READY = 5

/** What a thread has to say about a call. */
export interface Report {
  readonly id: number
  readonly kind: number
  /** Of a PART: which one, from 0. Of the others: how long the call took, in ms, if that was asked for. */
  readonly measure: number
  readonly value: unknown
}

const JOB_HEADER = 8
const REPORT_HEADER = 16
const NUMBER = 8
const value = auto()

/** id as a 32-bit word, then the item in the default codec. Jobs and reports of numbers are of fixed size, which packs into runs. */
export const jobCodec: Codec<Job> = {
  name: 'millrace-job',
  fixedSize: JOB_HEADER + NUMBER,
  isFixed: ({ item }) => typeof item === 'number',
  encode({ id, item }, target, offset, limit) {
    if (offset + JOB_HEADER > limit) return -1
    memoryOf(target).data.setUint32(offset, id, true)
    return value.encode(item, target, offset + JOB_HEADER, limit)
  },
  decode(source, start, end) {
    const id = memoryOf(source).data.getUint32(start, true)
    return { id, item: value.decode(source, start + JOB_HEADER, end) }
  },
}

/** id and kind as 32-bit words, the measure as a double, then the value in the default codec. */
export const reportCodec: Codec<Report> = {
  name: 'millrace-report',
  fixedSize: REPORT_HEADER + NUMBER,
  isFixed: ({ value }) => typeof value === 'number',
  encode(report, target, offset, limit) {
    if (offset + REPORT_HEADER > limit) return -1
    const { data } = memoryOf(target)
    data.setUint32(offset, report.id, true)
    data.setUint32(offset + 4, report.kind, true)
    data.setFloat64(offset + 8, report.measure, true)
    return value.encode(report.value, target, offset + REPORT_HEADER, limit)
  },
  decode(source, start, end) {
    const { data } = memoryOf(source)
    return {
      id: data.getUint32(start, true),
      kind: data.getUint32(start + 4, true),
      measure: data.getFloat64(start + 8, true),
      value: value.decode(source, start + REPORT_HEADER, end),
    }
  },
}
