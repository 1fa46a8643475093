import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

// In a process of its own: nothing but the queue may hold it, and its heap is its own.
const program = fileURLToPath(new URL('./open-and-close.mjs', import.meta.url))

async function run(...args: string[]): Promise<Record<string, number>> {
  const child = spawn(process.execPath, ['--expose-gc', program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  const [code] = await once(child, 'exit')
  expect(code).toBe(0)
  return JSON.parse(output) as Record<string, number>
}

it('a thousand open and close cycles leave no heap, listener, timer, port or waiter, and the process ends by itself', async () => {
  const { grownBytes, listeners, resources } = await run('cycles', '1000')
  expect(grownBytes).toBeLessThan(1_000_000)
  expect(listeners).toBe(0)
  expect(resources).toBe(0)
})

it('a million items through one queue leave nothing behind, and the process ends by itself', async () => {
  const { received, grownBytes, listeners, resources } = await run('items', '1000000')
  expect(received).toBe(1_000_000)
  expect(grownBytes).toBeLessThan(1_000_000)
  expect(listeners).toBe(0)
  expect(resources).toBe(0)
})
