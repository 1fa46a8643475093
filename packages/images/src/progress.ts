import { MultiBar } from 'cli-progress'

export interface Progress {
  /** @param rate - pictures a second */
  advance(done: number, total: number, rate: number): void
  /** A line of its own, above the bar if there is one. */
  say(line: string): void
  end(): void
}

/** A bar on a terminal; elsewhere a plain line for every tenth of the way, and at least every ten seconds. */
export function progressOn(output: NodeJS.WriteStream, { quiet }: { quiet: boolean }): Progress {
  if (quiet) return { advance() {}, say: (line) => void output.write(`${line}\n`), end() {} }
  return output.isTTY ? bar(output) : plainLines(output)
}

function bar(output: NodeJS.WriteStream): Progress {
  const bars = new MultiBar({
    stream: output,
    format: '{bar} {percentage}% {value}/{total} · {rate}/s · {left} left',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    clearOnComplete: true,
    // Ctrl-C is the program's to handle.
    gracefulExit: false,
  })
  const single = bars.create(0, 0, { rate: '0', left: '?' })
  return {
    advance(done, total, rate) {
      single.setTotal(total)
      single.update(done, { rate: rate.toFixed(1), left: timeLeft(done, total, rate) })
    },
    say: (line) => bars.log(`${line}\n`),
    end() {
      bars.update()
      bars.stop()
    },
  }
}

const longestSilenceMs = 10_000

function plainLines(output: NodeJS.WriteStream): Progress {
  let tenths = 0
  let spokenAt = performance.now()
  return {
    advance(done, total, rate) {
      const reached = Math.floor((10 * done) / Math.max(1, total))
      if (reached === tenths && performance.now() - spokenAt < longestSilenceMs) return
      tenths = reached
      spokenAt = performance.now()
      const percent = Math.floor((100 * done) / Math.max(1, total))
      output.write(`${percent}% ${done}/${total} · ${rate.toFixed(1)}/s · ${timeLeft(done, total, rate)} left\n`)
    },
    say: (line) => void output.write(`${line}\n`),
    end() {},
  }
}

function timeLeft(done: number, total: number, rate: number): string {
  if (done === total) return '0 s'
  if (!(rate > 0)) return '?'
  const seconds = Math.ceil((total - done) / rate)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
