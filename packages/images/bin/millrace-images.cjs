#!/usr/bin/env node
// sharp works in libuv's threads, of which there are four unless told otherwise; that has to be said before the first of
// them starts, so before anything is imported. Each of our threads keeps one busy, and files are read and written besides.
const { availableParallelism } = require('node:os')

const asked = process.argv.map(
  (arg, at) => /^(?:-t|--threads)(?:=(.*))?$/.exec(arg) && (arg.split('=')[1] ?? process.argv[at + 1]),
)
const threads = Math.max(availableParallelism(), ...asked.map((text) => Number(text) || 0))
process.env.UV_THREADPOOL_SIZE ??= String(Math.min(1024, threads + 4))

import('../dist/cli.js')
