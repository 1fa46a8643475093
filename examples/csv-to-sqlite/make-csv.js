import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { finished } from 'node:stream/promises'

const countries = ['AT', 'DE', 'FI', 'IN', 'JP', 'KE', 'PE']
const products = ['lamp', 'table, round', 'chair "Ada"', 'rug']

/**
 * Writes orders as a spreadsheet would: fields with commas, with quotes, and with line breaks in the middle.
 * @param {string} path @param {number} rows
 */
export async function makeCsv(path, rows) {
  const output = createWriteStream(path)
  output.write('id,country,product,quantity,price,note\n')
  for (let id = 1; id <= rows; id++) {
    const product = products[id % products.length].replaceAll('"', '""')
    const note = id % 10 === 0 ? `"leave it\nat the ""back"" door"` : 'none'
    const more = output.write(
      `${id},${countries[id % 7]},"${product}",${1 + (id % 5)},${((id * 37) % 10_000) / 100},${note}\n`,
    )
    if (!more) await once(output, 'drain')
  }
  output.end()
  await finished(output)
}
