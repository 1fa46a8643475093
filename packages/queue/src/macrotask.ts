/** Calls back in a later turn of the event loop, after timers and I/O that are due had their chance. */
export function macrotask(callback: () => void): void {
  if (typeof globalThis.setImmediate === 'function') {
    globalThis.setImmediate(callback)
    return
  }
  // Browsers: a message to oneself is the macrotask without the delay that nested timers have there.
  const { port1, port2 } = new MessageChannel()
  const received = (): void => {
    port1.close()
    callback()
  }
  // As the web's type has it; the compiler sees Node's, which is never used here.
  Object.assign(port1, { onmessage: received })
  port2.postMessage(undefined)
}
