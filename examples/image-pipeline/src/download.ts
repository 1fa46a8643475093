import { basename } from 'node:path'
import type { Photograph } from './photograph.js'

/** @returns the URLs that the index lists */
export async function listUrls(indexUrl: string, signal: AbortSignal): Promise<string[]> {
  const response = await fetchOk(indexUrl, signal)
  return (await response.json()) as string[]
}

export async function download(url: string, signal: AbortSignal): Promise<Photograph> {
  const response = await fetchOk(url, signal)
  return { name: nameOf(url), bytes: new Uint8Array(await response.arrayBuffer()) }
}

export function nameOf(url: string): string {
  return basename(new URL(url).pathname)
}

async function fetchOk(url: string, signal: AbortSignal): Promise<Response> {
  const response = await fetch(url, { signal })
  if (!response.ok) throw new Error(`HTTP ${response.status} ${response.statusText}`)
  return response
}
