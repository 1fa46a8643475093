// What the worker file of a pool needs, and no more: a thread loads it in two thirds of the time.

export { type CrewTask, type MappingFunction, mapping } from './mapping.js'
export type { MappingContext } from './mapping-context.js'
export { type StreamEnd, type StreamTask, streaming } from './streaming.js'
