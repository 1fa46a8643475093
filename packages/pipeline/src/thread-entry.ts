import { pathToFileURL } from 'node:url'

/** This module's own URL, in ESM and in CJS. */
const here = typeof __filename === 'string' ? pathToFileURL(__filename).href : import.meta.url

/** The file that a stage's pool loads: beside the built entry, which is also where the sources of tests find it. */
export const threadEntry = new URL(here.endsWith('.ts') ? '../dist/thread.js' : './thread.js', here).href
