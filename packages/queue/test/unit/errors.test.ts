import { describe, expect, it, vi } from 'vitest'
import { HandleClosed, QueueEmpty, QueueError, QueueFull, QueueShutDown, QueueTimeout } from '../../src/index.js'

const classes = [
  [QueueEmpty, 'QueueEmpty', 'QUEUE_EMPTY'],
  [QueueFull, 'QueueFull', 'QUEUE_FULL'],
  [QueueShutDown, 'QueueShutDown', 'QUEUE_SHUT_DOWN'],
  [QueueTimeout, 'TimeoutError', 'QUEUE_TIMEOUT'],
  [HandleClosed, 'HandleClosed', 'HANDLE_CLOSED'],
] as const

describe('errors', () => {
  it.each(classes)('T153 %o carries its name, its code and the name of its queue', (Class, name, code) => {
    const error = new Class('get() found nothing', 'jobs')
    expect(error).toBeInstanceOf(Error)
    expect(error).toBeInstanceOf(QueueError)
    expect({ name: error.name, code: error.code, queue: error.queue }).toEqual({ name, code, queue: 'jobs' })
    expect(`${error}`).toBe(`${name}: get() found nothing`)
    expect('queue' in new Class('of no name')).toBe(false)
  })

  it('T095 an error of another copy of the package is recognised by class and by code', async () => {
    vi.resetModules()
    const copy = await import('../../src/errors.js')
    expect(copy.QueueEmpty).not.toBe(QueueEmpty)
    const error = new copy.QueueEmpty('of the copy')
    expect(error).toBeInstanceOf(QueueEmpty)
    expect(error).toBeInstanceOf(QueueError)
    expect(error).not.toBeInstanceOf(QueueFull)
    expect(error.code).toBe('QUEUE_EMPTY')
    expect(new QueueTimeout('of this one')).toBeInstanceOf(copy.QueueTimeout)
    expect(null).not.toBeInstanceOf(copy.QueueError)
  })

  it('T095 what structured cloning leaves of an error names its kind', () => {
    const clone = structuredClone(new QueueShutDown('get() on Queue "jobs": the queue is shut down'))
    expect(clone.message).toBe('get() on Queue "jobs": the queue is shut down')
    expect(clone).not.toBeInstanceOf(QueueShutDown)
    expect(clone.stack).toContain('QueueShutDown: get() on Queue')
  })

  it('T095 a subclass of a user’s own is recognised the ordinary way', () => {
    class Refused extends QueueFull {}
    const error = new Refused('no')
    expect(error).toBeInstanceOf(Refused)
    expect(error).toBeInstanceOf(QueueFull)
    expect(new QueueFull('no')).not.toBeInstanceOf(Refused)
    expect(error.name).toBe('Refused')
  })
})
