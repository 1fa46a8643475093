// Producers in threads of their own, one event loop that takes; any producer may be killed.
import { Home, Producer, type Shared } from './ends.js'

export { setup } from './ends.js'

export function produce(shared: Shared, slot: number, batch: number): void {
  new Producer(shared, slot).putAll(batch)
}

export function consume(shared: Shared, threads: string[]): void {
  const home = new Home(shared, true)
  for (let slot = 0; slot < threads.length; slot++) home.watch(threads[slot], slot)
  home.turn()
}
