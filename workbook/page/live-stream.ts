import type { Context } from "hono"
import { streamSSE } from "hono/streaming"

export interface Live<State> {
  current(): State
  /** Calls back at each change; returns what ends that. */
  onChange(told: () => void): () => void
}

/** A state, and again whenever it has changed, as server-sent events. Who is slow misses states, never the last one. */
export function liveStream<State>(context: Context, { current, onChange }: Live<State>): Response {
  return streamSSE(context, async (stream) => {
    let changed = Promise.withResolvers<void>()
    const off = onChange(() => changed.resolve())
    stream.onAbort(() => changed.resolve())
    try {
      for (let last = ""; !stream.aborted; ) {
        const data = JSON.stringify(current())
        if (data !== last) await stream.writeSSE({ data })
        last = data
        await changed.promise
        changed = Promise.withResolvers()
      }
    } finally {
      off()
    }
  })
}
