import { describe, expect, it } from 'vitest'
import { explore, loadProgram } from '../src/index.js'
import { passes, scenarioOf } from './scenarios.js'

describe('rewritten code', () => {
  it('computes what it computed before', () => {
    const expected = [
      '20 26',
      '0 2 2 1',
      '127',
      '5,7',
      'undefined',
      '40',
      'undefined',
      'constructed 10',
      '150',
      '2,4',
      '100',
      'cell 70 70 74 72 5',
      '183',
    ]
    let seen: string[] = []
    passes(
      scenarioOf(
        'language',
        { only: 'computes' },
        {
          final: (view) => {
            seen = view.records('only').map(String)
            return undefined
          },
        },
      ),
    )
    expect(seen).toEqual(expected)
  })

  it('moves memory with the methods of typed arrays and DataView', () => {
    let seen: readonly (number | string)[] = []
    passes(
      scenarioOf(
        'message-passing',
        { writer: 'bulkWrites', reader: 'bulkReads' },
        {
          final: (view) => {
            seen = view.records('reader')
            return undefined
          },
        },
      ),
    )
    expect(seen).toEqual(['1,2,0,0,1,2,3,4,1,2,3,4,9,9,9,9', 0x0201])
  })

  it('runs the reactions of promises in order, before any other task', () => {
    let seen: readonly (number | string)[] = []
    passes(
      scenarioOf(
        'language',
        { only: 'promises' },
        {
          final: (view) => {
            seen = view.records('only')
            return undefined
          },
        },
      ),
    )
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  })

  it('fails a thread that leaves a rejection unheard', () => {
    const { failure } = explore(scenarioOf('language', { only: 'leavesARejectionUnheard' }))
    expect(failure?.kind).toBe('exception')
    expect(failure?.message).toContain('nobody listens')
  })

  it.each([
    ['takesApart', ['30 30', '30 30', '40 40']],
    ['followsChains', ['constructed 10', '12', 'undefined', 151]],
    ['callsBack', ['10,20,30', '2,3', 60, 'true false', '2 -1']],
  ])('%s: reads getters that are taken apart, and calls back from array methods', (name, expected) => {
    let seen: readonly (number | string)[] = []
    passes(
      scenarioOf(
        'language',
        { only: name },
        {
          final: (view) => {
            seen = view.records('only')
            return undefined
          },
        },
      ),
    )
    expect(seen).toEqual(expected)
  })

  it('explores every answer of a choice', () => {
    const seen = new Set<number | string>()
    passes(
      scenarioOf(
        'language',
        { only: 'chooses' },
        {
          final: (view) => {
            seen.add(view.records('only')[0]!)
            return undefined
          },
        },
      ),
    )
    expect([...seen].sort()).toEqual([0, 1, 10, 11, 20, 21])
  })
})

describe('what cannot be modelled is refused, not missed', () => {
  it('an access in a callback of native code', () => {
    expect(() => explore(scenarioOf('language', { only: 'hidesAnAccess' }))).toThrow(/forEach, which calls it unseen/)
  })

  it('a getter that is read in a way that the analysis does not see', () => {
    expect(() => explore(scenarioOf('language', { only: 'readsAGetterUnseen' }))).toThrow(/getter now, read unseen/)
  })

  it('an async function', () => {
    expect(() => explore(scenarioOf('language', { only: 'callsAsync' }))).toThrow(
      /async asynchronous cannot be explored/,
    )
  })

  it('a clock that was not given', () => {
    expect(() => explore(scenarioOf('language', { only: 'usesTheClock' }))).toThrow(/explored code uses Date/)
  })

  it('an edit that changes nothing, or whose file is not there', () => {
    const entry = new URL('./programs/language.ts', import.meta.url)
    expect(() => loadProgram({ entry, edits: { 'language.ts': (text) => text } })).toThrow(/changes nothing/)
    expect(() => loadProgram({ entry, edits: { 'nowhere.ts': (text) => `${text} ` } })).toThrow(/nowhere\.ts/)
  })
})
