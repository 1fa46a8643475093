import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import type { Input } from '../../src/inputs.js'
import { planOutputs } from '../../src/naming.js'
import { parseSize } from '../../src/size.js'

const input = (key: string, folder = ''): Input => {
  const [, name = '', extension = ''] = /([^/]+?)(?:\.(\w+))?$/.exec(key) ?? []
  return { key, kind: 'file', folder, name, extension }
}
const plain = {
  out: '/out',
  template: '{dir}/{name}.{ext}',
  sizes: [parseSize('original')],
  formats: ['same'] as const,
}
const pathsOf = (inputs: Input[], options: Parameters<typeof planOutputs>[1]) =>
  planOutputs(inputs, options).map(({ outputs }) => outputs.map(({ path }) => path))

test('a picture keeps its folder, name and format', () => {
  expect(pathsOf([input('/in/x/a.jpeg', 'x')], plain)).toEqual([[resolve('/out/x/a.jpg')]])
})

test('every size comes in every format', () => {
  const options = {
    ...plain,
    template: '{name}-{size}.{ext}',
    sizes: ['800', '50%'].map(parseSize),
    formats: ['webp', 'png'] as const,
  }
  expect(pathsOf([input('/in/a.jpg')], options)[0]).toEqual(
    ['a-800w.webp', 'a-800w.png', 'a-50pct.webp', 'a-50pct.png'].map((name) => resolve('/out', name)),
  )
})

test('an unknown extension becomes JPEG', () => {
  expect(pathsOf([input('/in/scan')], plain)).toEqual([[resolve('/out/scan.jpg')]])
})

test('inputs that would write one file get names of their own, the same in every run', () => {
  const inputs = [input('/x/a.jpg'), input('/y/a.jpg'), input('/z/A.jpg')]
  const [first, second, third] = pathsOf(inputs, plain).flat()
  expect(first).toBe(resolve('/out/a.jpg'))
  expect(second).toMatch(/a-[0-9a-f]{6}\.jpg$/)
  expect(third).toMatch(/A-[0-9a-f]{6}\.jpg$/)
  expect(pathsOf(inputs, plain).flat()).toEqual([first, second, third])
})

test('an input is never overwritten', () => {
  expect(() => planOutputs([input('/out/a.jpg')], plain)).toThrow(/is an input and would be overwritten/)
})

test('nothing is written outside of the output folder', () => {
  expect(() => planOutputs([input('/in/a.jpg')], { ...plain, template: '../{name}.{ext}' })).toThrow(/lies outside of/)
})
