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
export function observed<Target extends object>(
  target: Target,
  context: { history: History; naming: Naming; onError: (error: unknown) => void },
): Target {
  return new Proxy(target, {
    get(_, property) {
      const member: unknown = Reflect.get(target, property, target)
      if (typeof member !== "function") return member
      return (...parts: unknown[]) => {
        const watched = takingHandlers.has(String(property)) ? parts.map((part) => watchedHandler(part, context.onError)) : parts
        const result: unknown = Reflect.apply(member, target, watched)
        if (makingChannels.has(String(property))) return observed(result as object, context)
        if (sending.has(String(property))) noteSend(target, parts, result, context)
        return result
      }
    },
  })
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

function noteSend(
  target: object,
  [body, options]: readonly unknown[],
  result: unknown,
  { history, naming }: { history: History; naming: Naming },
): void {
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
