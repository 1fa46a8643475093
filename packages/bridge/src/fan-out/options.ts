import { type BridgeOptions, type BridgeSettings, oneOf, readBridgeOptions, refused } from '../options.js'

export interface FanOutOptions<T> extends BridgeOptions<T> {
  /** Items a consumer may hold unacknowledged: in its lane, or taken and not done. @default 2; 1 to 2^20 */
  readonly prefetch?: number | undefined
  /**
   * What happens to items that a consumer held when its thread died. 'redeliver': another gets them. 'fail': nobody does, and the
   * queue fails with RemoteLost: it shuts down, pending and later puts and joins reject. @default 'redeliver'
   */
  readonly onConsumerLost?: 'redeliver' | 'fail' | undefined
  /** How many consumers an item may take down before it counts as poisoned. @default 3; 1 to 2^20 */
  readonly maxDeliveries?: number | undefined
  /** Gets a poisoned item. Without it a poisoned item fails the queue, as `onConsumerLost: 'fail'` does. */
  readonly onPoisoned?: ((item: T, deliveries: number) => void) | undefined
}

export interface FanOutSettings<T> extends BridgeSettings<T> {
  readonly prefetch: number
  readonly isRedelivered: boolean
  readonly maxDeliveries: number
  readonly onPoisoned: ((item: T, deliveries: number) => void) | undefined
}

const MAX_COUNT = 2 ** 20

/** @throws {TypeError} for an option that is none or of the wrong type @throws {RangeError} for one out of its range */
export function readFanOutOptions<T>(options: FanOutOptions<T> = {}): FanOutSettings<T> {
  const settings = readBridgeOptions(options, ['prefetch', 'onConsumerLost', 'maxDeliveries', 'onPoisoned'])
  const { onPoisoned, onConsumerLost = 'redeliver' } = options
  if (onPoisoned !== undefined && typeof onPoisoned !== 'function') {
    throw refused(TypeError, `expected onPoisoned to be a function, got ${typeof onPoisoned}`)
  }
  return {
    ...settings,
    prefetch: countOf('prefetch', options.prefetch, 2),
    isRedelivered: oneOf('onConsumerLost', onConsumerLost, ['redeliver', 'fail']) === 'redeliver',
    maxDeliveries: countOf('maxDeliveries', options.maxDeliveries, 3),
    onPoisoned,
  }
}

function countOf(key: string, value: number | undefined, fallback: number): number {
  if (value === undefined) return fallback
  if (typeof value !== 'number') throw refused(TypeError, `expected ${key} to be a number, got ${typeof value}`)
  if (!Number.isInteger(value) || value < 1 || value > MAX_COUNT) {
    throw refused(RangeError, `expected ${key} to be a whole number from 1 to ${MAX_COUNT}, got ${value}`)
  }
  return value
}
