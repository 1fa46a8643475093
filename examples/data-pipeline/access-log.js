// Where the data comes from: a web server's log, endless in real life. One line in a hundred is damaged.
/** @param {number} count */
export function* accessLog(count) {
  const paths = ['/', '/about', '/shop', '/shop/cart', '/login']
  const statuses = [200, 200, 200, 200, 304, 404, 500]
  for (let n = 1; n <= count; n++) {
    if (n % 100 === 0) yield `10.0.0.${n % 256} - - [21/Nov/2026:10:`
    else
      yield `10.0.0.${n % 256} - - [21/Nov/2026:10:00:00 +0000] "GET ${paths[n % 5]} HTTP/1.1" ${statuses[n % 7]} ${(n * 37) % 5000}`
  }
}

/** @typedef {{ path: string, status: number, bytes: number }} Hit */

/**
 * @param {string} line
 * @returns {Hit}
 */
export function parseHit(line) {
  const match = /"GET (?<path>\S+) HTTP\/1\.1" (?<status>\d{3}) (?<bytes>\d+)$/.exec(line)
  if (!match?.groups) throw new SyntaxError(`no log line: ${line}`)
  const { path, status, bytes } = match.groups
  return { path, status: Number(status), bytes: Number(bytes) }
}
