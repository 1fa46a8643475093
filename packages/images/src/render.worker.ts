import { openConsumer, openProducer } from '@millrace/bridge/worker'
import sharp from 'sharp'
import { markBusy, markIdle } from './busy-clock.js'
import { type Filter, loadFilter } from './filter.js'
import type { Recipe } from './recipe.js'
import { render } from './render.js'
import type { RenderResult, RenderTask, ThreadTask } from './render-threads.js'

// There is a thread for each core already, and no picture is worked on twice.
sharp.concurrency(1)
sharp.cache(false)

/** One task a thread: renders pictures until the queue ends. */
export default async function renderAll({ work, results, recipe, clock }: ThreadTask): Promise<void> {
  const filter = recipe.filter === undefined ? undefined : await loadFilter(recipe.filter)
  using tasks = openConsumer(work)
  using finished = openProducer(results)
  for await (const task of tasks) {
    markBusy(clock)
    const result = await renderOne(task, recipe, filter)
    markIdle(clock)
    await finished.put(result)
  }
}

async function renderOne({ id, source, wanted }: RenderTask, recipe: Recipe, filter?: Filter): Promise<RenderResult> {
  const startedAt = performance.now()
  try {
    const rendered = await render(source, recipe, wanted, filter)
    return { id, rendered, renderMs: performance.now() - startedAt }
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) }
  }
}
