import { hostProcess, isDeno, isWorkerThread, shared } from './runtime.js'

/** An end that closes by itself when its thread has nothing more to do. */
export interface Closable {
  close(): void
}

/**
 * Closes what is still open when this worker ends because nothing is left to do, as opposed to being ended: what was put is
 * delivered and nobody is reported lost. `process.exit()`, an error and `terminate()` leave everything as it is, for the home end
 * to find.
 */
class NaturalEnd {
  private readonly open = new Set<Closable>()
  private isWatching = false
  private hasRunDry = false

  add(end: Closable): void {
    this.open.add(end)
    if (this.isWatching || !isWorkerThread || hostProcess === undefined) return
    this.isWatching = true
    hostProcess.on('beforeExit', this.onRunDry)
    hostProcess.on('exit', this.onExit)
  }

  delete(end: Closable): void {
    this.open.delete(end)
  }

  private readonly onRunDry = (): void => {
    this.hasRunDry = true
    // Should somebody else's listener give the thread more to do, it did not end here: a timer that holds nothing comes then.
    // No immediate: on Bun one holds the thread although it is unref'd, and the thread never ends.
    const timer = setTimeout(() => {
      this.hasRunDry = false
    }, 0) as { unref?: () => void }
    timer.unref?.()
  }

  private readonly onExit = (code: number): void => {
    // Without 'beforeExit': process.exit() sets the exit code before this, the end of all work does not.
    const isNatural = this.hasRunDry || (isDeno && hostProcess?.exitCode === undefined)
    if (code !== 0 || !isNatural) return
    for (const end of this.open) end.close()
  }
}

export const naturalEnd = shared('natural-end', () => new NaturalEnd())
