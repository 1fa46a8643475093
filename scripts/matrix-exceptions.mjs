// Tests that do not apply on a runtime, and why. They are run all the same: `npm run matrix` counts the failures of these apart
// from others, and says so. Nothing is skipped.
const exceptions = [
  {
    runtimes: ['bun'],
    file: 'queue/test/unit/runtime.test.ts',
    test: /T145/,
    why: "asks V8 for garbage collections (`setFlagsFromString('--expose-gc')`), and Bun has no V8",
  },
  {
    runtimes: ['bun'],
    file: 'bridge/test/fan-in/process.test.ts',
    test: /forgotten .*lets go of/,
    why: 'waits for a queue to be collected, and Bun collects it in its own time',
  },
  {
    runtimes: ['bun'],
    file: 'bridge/test/fan-in/death.test.ts',
    test: /by heap/,
    why: 'Bun knows no `resourceLimits`: the thread does not run out of memory',
  },
  {
    runtimes: ['bun'],
    file: 'bridge/test/fan-out/death.test.ts',
    test: /after heap/,
    why: 'Bun knows no `resourceLimits`: the thread does not run out of memory',
  },
  {
    runtimes: ['bun'],
    file: 'pipeline/test/threads.test.ts',
    test: /its module is unusable .*missing\.mjs/,
    why: "Bun's error for a file that is not there cannot be cloned: the run fails, but its message does not name the file",
  },
  {
    runtimes: ['bun'],
    file: 'bridge/test/piscina/stream.test.ts',
    test: /its file is missing/,
    why: "Bun's error for a file that is not there cannot be cloned: the run fails, but its message does not name the file",
  },
  {
    runtimes: ['bun'],
    file: 'bridge/test/piscina/map-threads.test.ts',
    test: /the file is missing/,
    why: "Bun's error for a file that is not there cannot be cloned: the run fails, but its message does not name the file",
  },
  ...['fan-in/handles', 'fan-out/taking', 'fan-out/putting'].map((file) => ({
    runtimes: ['deno'],
    file: `bridge/test/${file}.test.ts`,
    test: /opens once|a codec that travels in the handle/,
    why: "the error that ends a worker comes without its own properties, `code` too, in Deno's 'error' event; its message is whole",
  })),
  {
    runtimes: ['deno'],
    file: 'bridge/test/piscina/map-threads.test.ts',
    test: /dies by an uncaught error has that as the cause/,
    why: 'RemoteLost comes without its cause: the pool hears of the error later than the queue of the end, or not at all',
  },
  {
    runtimes: ['deno'],
    file: 'bridge/test/piscina/stream.test.ts',
    test: /what a worker prints/,
    why: "a worker of Deno's writes to the process's output itself: there is nothing for the main thread to pass on, or to see",
  },
  ...['values', 'lifetime'].map((file) => ({
    runtimes: ['deno'],
    file: `bridge/test/comlink/${file}.test.ts`,
    test: /generator|item that cannot be cloned|several next|object that it returned/,
    why: "a port that arrives inside a message is the web's MessagePort on Deno, without Node's events: generators and proxies cannot cross",
  })),
  {
    runtimes: ['deno'],
    file: 'bridge/test/fan-in/payload.test.ts',
    test: /transfer what cannot be cloned is refused/,
    why: 'Deno detaches the transfer list although it refuses to clone: the buffer that the test puts again is gone',
  },
  {
    runtimes: ['deno'],
    file: 'bridge/test/codecs/auto.test.ts',
    test: /Node's KeyObject/,
    why: 'a KeyObject of Deno is a plain object, and is cloned as one',
  },
]

/** @returns what is known of the test on this runtime, or undefined when its failure is a failure */
export function inapplicable(runtime, { file, fullName }) {
  return exceptions.find(
    (each) => each.runtimes.includes(runtime) && file.endsWith(`packages/${each.file}`) && each.test.test(fullName),
  )
}

export { exceptions }
