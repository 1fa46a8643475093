// `npm test`: build, type-check, lint, test; stops at the first that fails and says which.
import { spawnSync } from 'node:child_process'

const steps = [
  ['build', 'pnpm run build'],
  ['types', 'pnpm run typecheck'],
  ['lint', 'pnpm run lint'],
  ['tests', 'pnpm exec vitest run'],
]

for (const [name, command] of steps) {
  const startedAt = performance.now()
  process.stdout.write(`\n── ${name}: ${command}\n`)
  const { status, signal } = spawnSync(command, { stdio: 'inherit', shell: true })
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  if (status !== 0) {
    process.stdout.write(`\n✗ ${name} failed (${signal ?? `exit code ${status}`}) after ${seconds} s\n`)
    process.exit(status ?? 1)
  }
  process.stdout.write(`✓ ${name} (${seconds} s)\n`)
}
