/** What the pipeline itself throws: match on `code`. */
export class PipelineError extends Error {
  readonly code: string

  constructor(message: string, code: string) {
    super(message)
    this.name = new.target.name
    this.code = code
  }
}

/** A stage's `timeout` passed before its function had answered: name `TimeoutError` as the platform's, code `STAGE_TIMEOUT`. */
export class StageTimeout extends PipelineError {
  readonly stage: string
  readonly timeout: number

  constructor(stage: string, timeout: number) {
    super(`stage '${stage}' did not answer within ${timeout} ms`, 'STAGE_TIMEOUT')
    this.name = 'TimeoutError'
    this.stage = stage
    this.timeout = timeout
  }
}

/** A second `run()` or iteration of one pipeline: code `PIPELINE_STARTED`. */
export class PipelineStarted extends PipelineError {
  constructor() {
    super('this pipeline has been started already; a pipeline runs once, build another one', 'PIPELINE_STARTED')
  }
}

/** Two stages of one name, or a reserved one: code `STAGE_NAME`. */
export class StageName extends PipelineError {
  constructor(name: string, why: string) {
    super(`a stage cannot be named '${name}': ${why}`, 'STAGE_NAME')
  }
}

/** The pipeline was stopped by `break`, `return()` or disposal: the reason of every stage's signal, code `PIPELINE_STOPPED`. */
export class PipelineStopped extends PipelineError {
  constructor() {
    super('the pipeline was stopped', 'PIPELINE_STOPPED')
    this.name = 'AbortError'
  }
}
