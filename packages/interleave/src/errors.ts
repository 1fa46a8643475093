/** Something that the explorer cannot do faithfully; it says so instead of exploring something else. */
export class Unsupported extends Error {
  override readonly name = 'Unsupported'
  readonly code = 'INTERLEAVE_UNSUPPORTED'
}

/** The options, the scenario or the schedule string are not what the explorer needs. */
export class InvalidScenario extends Error {
  override readonly name = 'InvalidScenario'
  readonly code = 'INTERLEAVE_INVALID_SCENARIO'
}
