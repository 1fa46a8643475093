// The state that can be reached from a checkpoint's roots, as text: equal texts, equal states.
import { Unsupported } from './errors.js'

/** Throws Unsupported for what it cannot look into. Functions stand for their code: what they close over is not seen. */
export function fingerprint(roots: readonly unknown[], bufferName: (buffer: SharedArrayBuffer) => string): string {
  const seen = new Map<object, number>()
  const parts: string[] = []
  const visit = (value: unknown): void => {
    if (typeof value === 'function') {
      parts.push(`f:${value.name};`)
      return
    }
    if (typeof value !== 'object' || value === null) {
      parts.push(Object.is(value, -0) ? 'n:-0;' : `${typeof value}:${String(value)};`)
      return
    }
    const earlier = seen.get(value)
    if (earlier !== undefined) {
      parts.push(`#${earlier};`)
      return
    }
    seen.set(value, seen.size)
    if (value instanceof SharedArrayBuffer) parts.push(`s:${bufferName(value)};`)
    else if (ArrayBuffer.isView(value)) {
      parts.push(`v:${value.constructor.name}:${value.byteOffset}:${value.byteLength}:`)
      if (value.buffer instanceof SharedArrayBuffer) visit(value.buffer)
      else parts.push(`${new Uint8Array(value.buffer, value.byteOffset, value.byteLength).join()};`)
    } else if (value instanceof ArrayBuffer) parts.push(`b:${new Uint8Array(value).join()};`)
    else if (Array.isArray(value)) {
      parts.push(`a${value.length}[`)
      for (const element of value) visit(element)
      parts.push(']')
    } else if (value instanceof Map || value instanceof Set) {
      parts.push(`${value.constructor.name}{`)
      for (const element of value) visit(element)
      parts.push('}')
    } else if (value instanceof Promise || value instanceof WeakMap || value instanceof WeakRef) {
      throw new Unsupported(`a checkpoint cannot look into a ${value.constructor.name}`)
    } else {
      parts.push(`o:${value.constructor?.name ?? ''}{`)
      for (const key of Object.keys(value)) {
        parts.push(`${key}=`)
        visit((value as Record<string, unknown>)[key])
      }
      parts.push('}')
    }
  }
  for (const root of roots) visit(root)
  return parts.join('')
}
