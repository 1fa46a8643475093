/** Work that takes `us` microseconds of wall time, whatever the machine. */
export function spin(us: number): void {
  const until = performance.now() + us / 1000
  while (performance.now() < until);
}
