import { describe, expect, it } from 'vitest'
import { loadGroup } from '../src/load-group.js'
import { groups } from '../src/suites.js'

describe('loadGroup()', () => {
  it('finds every group by its name', async () => {
    for (const { name } of groups) expect((await loadGroup(name)).name).toBe(name)
  })

  it('says which group there is not', async () => {
    await expect(loadGroup('bridge/none')).rejects.toThrow('no group named bridge/none')
    await expect(loadGroup('none')).rejects.toThrow('no group named none')
  })
})
