import { expect, test } from 'vitest'
import { type Options, parseCommandLine } from '../../src/options.js'

function parse(...args: string[]): Options {
  const request = parseCommandLine(args, '1.2.3')
  if (!('run' in request)) throw new Error(`printed instead: ${request.print}`)
  return request.run
}

test('without options every input keeps its size and format', () => {
  const { inputs, recipe, template } = parse('photos')
  expect(inputs).toEqual(['photos'])
  expect(recipe.sizes).toEqual([{ kind: 'original' }])
  expect(recipe.formats).toEqual(['same'])
  expect(template).toBe('{dir}/{name}.{ext}')
})

test('sizes and formats may be repeated or separated by commas, and replace the default', () => {
  const { recipe, template } = parse(
    'a.jpg',
    '-s',
    '800,x600',
    '--size',
    '400x300',
    '-s',
    '50%',
    '-f',
    'webp,jpg',
    '-f',
    'tif',
  )
  expect(recipe.sizes).toEqual([
    { kind: 'width', width: 800 },
    { kind: 'height', height: 600 },
    { kind: 'box', width: 400, height: 300 },
    { kind: 'scale', percent: 50 },
  ])
  expect(recipe.formats).toEqual(['webp', 'jpeg', 'tiff'])
  expect(template).toContain('{size}')
})

test('- is a list on standard input, beside lists in files and named inputs', () => {
  const { inputs, lists } = parse('a.jpg', '-', '--list', 'one.txt', '-l', 'two.txt')
  expect(inputs).toEqual(['a.jpg'])
  expect(lists).toEqual(['one.txt', 'two.txt', '-'])
})

test('quality holds for all formats or for one', () => {
  expect(parse('a', '-q', '70,avif=45', '-q', 'jpg=90').recipe.quality).toEqual({ default: 70, avif: 45, jpeg: 90 })
})

test('a crop is in pixels or in per cent', () => {
  expect(parse('a', '--crop', '10,20,300,200').recipe.crop).toMatchObject({ unit: 'px', left: 10, height: 200 })
  expect(parse('a', '--crop', '5%,5%,90%,90%').recipe.crop).toMatchObject({ unit: '%', top: 5, width: 90 })
})

test('numbers take magnitudes and times take units', () => {
  const options = parse('a', '--max-pixels', '24M', '--max-memory', '1.5G', '--timeout', '500ms')
  expect(options.recipe.maxPixels).toBe(24_000_000)
  expect(options.maxMemory).toBe(1.5 * 2 ** 30)
  expect(options.timeout).toBe(500)
  expect(parse('a', '--timeout', '2m').timeout).toBe(120_000)
  expect(parse('a', '--timeout', '30').timeout).toBe(30_000)
})

test('--help and --version are printed, not run', () => {
  const help = parseCommandLine(['--help'], '1.2.3')
  expect(help).toHaveProperty('print')
  for (const word of ['--size', '--retries', 'Exit codes', 'avif']) expect(JSON.stringify(help)).toContain(word)
  expect(parseCommandLine(['--version'], '1.2.3')).toEqual({ print: '1.2.3\n' })
})

test.each([
  [['a', '--colour', 'red'], /unknown option '--colour'/],
  [[], /name files, folders, patterns or URLs/],
  [['a', '-s', 'huge'], /a size is original.*'huge'/],
  [['a', '-s', '0'], /between 1 and 65535/],
  [['a', '-f', 'bmp'], /--format is one of.*'bmp'/],
  [['a', '-q', '101'], /--quality lies between 1 and 100/],
  [['a', '-q', 'same=3'], /given by format/],
  [['a', '--crop', '1,2,3'], /--crop takes/],
  [['a', '--crop', '50%,0%,60%,10%'], /--crop takes/],
  [['a', '--threads', '0'], /--threads lies between 1 and 256/],
  [['a', '--threads', 'many'], /--threads takes a number.*'many'/],
  [['a', '--timeout', 'soon'], /--timeout takes a time.*'soon'/],
  [['a', '--rate', '0'], /--rate lies between/],
  [['a', '--fit', 'snug'], /snug/],
  [['a', '--metadata', 'some'], /some/],
  [['a', '--position', 'nowhere'], /--position is one of/],
  [['a', '--filter', '/does/not/exist.mjs'], /--filter .* cannot be read/],
  [['a', '-s', '800,400', '--name', '{name}.{ext}'], /lacks \{size\}/],
  [['a', '-f', 'webp,png', '--name', '{name}.x'], /lacks \{ext\}/],
  [['a', '--name', '{title}.{ext}'], /not \{title\}/],
])('%j is refused with a message that says why', (args, message) => {
  expect(() => parseCommandLine(args, '1')).toThrow(
    expect.objectContaining({ code: 'USAGE', message: expect.stringMatching(message) }),
  )
})
