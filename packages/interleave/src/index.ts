export { InvalidScenario, Unsupported } from './errors.js'
export { explore, replay, sample } from './explore.js'
export { loadProgram, type Program, type ProgramOptions } from './program.js'
export type { Exploration, Failure, FailureKind, Scenario, View } from './scenario.js'
