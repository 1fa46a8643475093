import { type ConsumerHandle, openConsumer, openProducer, type ProducerHandle } from '@millrace/bridge/worker'
import sharp from 'sharp'
import type { Developed, Photograph } from './photograph.js'
import { warmVignette } from './warm-vignette.js'

export interface DevelopTask {
  readonly photographs: ConsumerHandle<Photograph>
  readonly developed: ProducerHandle<Developed>
  readonly width: number
}

// As many threads as cores are at work already: libvips need not start more of its own for each of them.
sharp.concurrency(1)

/** One task a thread: takes photographs until the queue ends. */
export default async function developAll(task: DevelopTask): Promise<void> {
  using photographs = openConsumer(task.photographs)
  using developed = openProducer(task.developed)
  for await (const photograph of photographs) await developed.put(await develop(photograph, task.width))
}

async function develop({ name, bytes }: Photograph, width: number): Promise<Developed> {
  try {
    const { data, info } = await sharp(bytes)
      .autoOrient()
      .resize({ width, withoutEnlargement: true })
      .removeAlpha()
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true })
    warmVignette(data, info.width, info.height)
    const raw = { width: info.width, height: info.height, channels: info.channels }
    const picture = await sharp(data, { raw }).jpeg({ quality: 82, mozjpeg: false }).toBuffer()
    return { name, picture }
  } catch (error) {
    return { name, error: error instanceof Error ? error.message : String(error) }
  }
}
