/**
 * URL of a built thread file.
 *
 * @param name - its path below src without `.worker.ts`, for example `harness/core-latency`
 */
// The build puts every shared chunk into dist itself, so this module's own URL is always there.
export const workerFile = (name: string): URL => new URL(`./${name}.worker.js`, import.meta.url)
