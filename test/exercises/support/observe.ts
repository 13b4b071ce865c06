import type { PartitionedChannel } from "#waystation"
import type { History, Named } from "./history.ts"
import type { Words } from "./language.ts"

/** What a section tells about its messages. */
export interface Naming {
  /** A body as the learner reads it, and what must stay in order with it. */
  readonly name: (body: unknown) => Named
  /** The sentence for a send, if sends belong to the story. */
  readonly sent?: (message: string, channel: string, partition: number | undefined) => Words
}

/** What the observer needs to know of a run. */
export interface Watching {
  readonly history: History
  readonly naming: Naming
  readonly onError: (error: unknown) => void
  /** Whether the process has crashed: what it awaits then never comes, neither good nor bad. */
  readonly gone: () => boolean
  /** For consumers that ask for none. A short one brings back sooner what a crash leaves behind. */
  readonly leaseMs?: number | undefined
}

/** A handler in an exercise's world that cannot do its work now, on purpose. What else a handler throws is a defect of the learner's code. */
export class Refusal extends Error {
  override readonly name = "Refusal"
}

const makingChannels = new Set(["queue", "topic", "partitioned", "requestReply"])
const takingHandlers = new Set(["consume", "subscribe", "respond"])
const sending = new Set(["send", "publish", "request"])

/**
 * The broker as it is handed to the learner's code: the real one, but sends are noted in the history, and what a handler
 * throws that is no `Refusal` goes to `onError`, because the broker would only try again and hide it.
 */
export function observed<Target extends object>(target: Target, context: Watching): Target {
  return new Proxy(target, {
    get(_, property) {
      const member: unknown = Reflect.get(target, property, target)
      if (typeof member !== "function") return member
      return (...parts: unknown[]) => {
        const watched = takingHandlers.has(String(property)) ? consuming(parts, context) : parts
        const result: unknown = Reflect.apply(member, target, watched)
        if (makingChannels.has(String(property))) return observed(result as object, context)
        if (!sending.has(String(property))) return result
        noteSend(target, parts, result, context)
        if (!(result instanceof Promise)) return result
        const survived = result.catch((error) => (context.gone() ? new Promise(() => {}) : Promise.reject(error)))
        // Who does not wait for it does not hear of it, as with the broker's own promise.
        survived.catch(() => {})
        return survived
      }
    },
  })
}

function consuming(parts: readonly unknown[], { onError, leaseMs }: Watching): unknown[] {
  const watched = parts.map((part) => watchedHandler(part, onError))
  const last = watched.at(-1)
  if (leaseMs === undefined) return watched
  return typeof last === "function" ? [...watched, { leaseMs }] : [...watched.slice(0, -1), { leaseMs, ...(last as object) }]
}

function watchedHandler(part: unknown, onError: (error: unknown) => void): unknown {
  if (typeof part !== "function") return part
  const watch = (error: unknown): never => {
    if (!isRefusal(error)) onError(error)
    throw error
  }
  return (...message: unknown[]) => {
    try {
      const result: unknown = Reflect.apply(part, undefined, message)
      return result instanceof Promise ? result.catch(watch) : result
    } catch (error) {
      return watch(error)
    }
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof Refusal || (error instanceof Error && isRefusal(error.cause))
}

function noteSend(target: object, [body, options]: readonly unknown[], result: unknown, { history, naming }: Watching): void {
  const channel = "name" in target ? String(target.name) : ""
  const named = naming.name(body)
  const key = (options as { key?: string } | undefined)?.key
  const partition = "partitionOf" in target && key !== undefined ? (target as PartitionedChannel<unknown>).partitionOf(key) : undefined
  const sentence = naming.sent?.(named.message, channel, partition)
  history.add({ process: "", event: "send", ...named, channel, ...(sentence && { words: sentence }) })
  if (!(result instanceof Promise)) return
  result.then(
    (id: unknown) => void history.names.set(String(id), named),
    () => {},
  )
}
