import { bool, f64, oneOf, optional, struct, text, u32 } from '@millrace/bridge'

// One layout for both sides, compiled once: values travel, keys do not.
export const reading = struct({
  sensor: u32,
  kind: oneOf('temperature', 'pressure'),
  value: f64,
  valid: bool,
  note: optional(text),
})
