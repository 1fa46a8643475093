// Tests that do not apply on a runtime, and why. They are run all the same: `npm run matrix` counts the failures of these apart
// from others, and says so. Nothing is skipped.
const exceptions = [
  {
    runtimes: ['bun'],
    file: 'queue/test/unit/runtime.test.ts',
    test: /T145/,
    why: "asks V8 for a garbage collection (`v8.setFlagsFromString('--expose-gc')`), and Bun has no V8",
  },
  {
    runtimes: ['bun'],
    file: 'pipeline/test/threads.test.ts',
    test: /its module is unusable .*missing\.mjs/,
    why: "Bun's error for a module that is not there cannot be cloned to another thread; the run fails as it should, with Bun's words",
  },
]

/** @returns what is known of the test on this runtime, or undefined when its failure is a failure */
export function inapplicable(runtime, { file, fullName }) {
  return exceptions.find(
    (each) => each.runtimes.includes(runtime) && file.endsWith(`packages/${each.file}`) && each.test.test(fullName),
  )
}

export { exceptions }
