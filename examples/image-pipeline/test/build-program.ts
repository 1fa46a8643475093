import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

/** The tests run the program as its users do, so it is built first. */
export default function buildProgram(): void {
  const tsup = createRequire(import.meta.url).resolve('tsup/dist/cli-default.js')
  execFileSync(process.execPath, [tsup], { cwd: fileURLToPath(new URL('..', import.meta.url)), stdio: 'pipe' })
}
