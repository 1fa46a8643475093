import { MultiBar } from 'cli-progress'

export interface Progress {
  advance(done: number, total: number, note: string): void
  /** A line of its own, above the bar if there is one. */
  say(line: string): void
  end(): void
}

/** A bar on a terminal; elsewhere one plain line for every tenth of the way. */
export function progressOn(output: NodeJS.WriteStream): Progress {
  return output.isTTY ? bar(output) : plainLines(output)
}

function bar(output: NodeJS.WriteStream): Progress {
  const bars = new MultiBar({
    stream: output,
    format: '{bar} {percentage}% {value}/{total} {note}',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    clearOnComplete: true,
    // Ctrl-C is the program's to handle.
    gracefulExit: false,
  })
  const single = bars.create(0, 0, { note: '' })
  return {
    advance(done, total, note) {
      single.setTotal(total)
      single.update(done, { note })
    },
    say: (line) => bars.log(`${line}\n`),
    end() {
      bars.update()
      bars.stop()
    },
  }
}

function plainLines(output: NodeJS.WriteStream): Progress {
  let tenths = 0
  return {
    advance(done, total, note) {
      const reached = Math.floor((10 * done) / Math.max(1, total))
      if (reached <= tenths) return
      tenths = reached
      output.write(`${done}/${total} ${note}\n`)
    },
    say: (line) => void output.write(`${line}\n`),
    end: () => {},
  }
}
