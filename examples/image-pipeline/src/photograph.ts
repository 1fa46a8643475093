/** A downloaded photograph on its way to a thread. */
export interface Photograph {
  readonly name: string
  readonly bytes: Uint8Array
}

/** What a thread made of one photograph: the finished picture, or why there is none. */
export type Developed =
  | { readonly name: string; readonly picture: Uint8Array }
  | { readonly name: string; readonly error: string }

/** How one photograph ended; every listed photograph ends exactly one way. */
export type Outcome =
  | { readonly name: string; readonly path: string; readonly bytes: number }
  | { readonly name: string; readonly failedAt: 'download' | 'develop' | 'save'; readonly error: string }
