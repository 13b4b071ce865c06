import type { IdSource } from "./ids.ts"
import { parseJson } from "./json.ts"
import { type Check, checkOptions, durationMs, shown, text } from "./options.ts"

/** A message as its consumer sees it. */
export interface Message<Body = unknown> {
  /** UUIDv7, unless the sender gave one. */
  readonly id: string
  /** The channel it was sent to. */
  readonly channel: string
  /** A JSON value or bytes. */
  readonly body: Body
  /** What it is about: messages of one key keep their order where the channel promises order. */
  readonly key?: string
  readonly headers: Readonly<Record<string, string>>
  /** Milliseconds since the epoch. */
  readonly sentAt: number
  /** 1 on the first delivery. Counted before the handler runs, so that a message which kills its process counts too. */
  readonly attempt: number
  /** Partitioned channels only. */
  readonly partition?: number
  /** Partitioned channels only: its place in the partition, from 0. */
  readonly offset?: number
}

export interface SendOptions {
  /** A second message of this id within the channel's deduplication window is accepted and dropped. 1 to 200 characters. */
  id?: string
  /** 1 to 1,000 characters. */
  key?: string
  /** Text by name, 64 KiB in all. */
  headers?: Record<string, string>
  /** Not delivered before this many milliseconds have passed. */
  delayMs?: number
}

/** A message on its way to a broker: an outbox's row, as a relay hands it to a `Publisher`. */
export interface OutgoingMessage {
  readonly id: string
  readonly channel: string
  readonly body: unknown
  readonly key?: string
  readonly headers: Readonly<Record<string, string>>
  readonly sentAt: number
  readonly delayMs?: number
}

/** The port between a relay and a broker of any kind. */
export interface Publisher {
  /**
   * Resolves when every message is accepted, durably and in order; rejects if any was not. The caller then publishes
   * the same messages again, so a message may arrive twice, and always under the same `id`.
   */
  publish(messages: readonly OutgoingMessage[]): Promise<void>
}

/** A message's columns, the same wherever one is stored. `body`: JSON as text, bytes as a blob; `headers`: JSON or NULL. */
export interface StoredMessage {
  message_id: string
  key: string | null
  headers: string | null
  sent_at: number
  body: string | Uint8Array
}

export const bodyBytesMaxDefault = 1_048_576
const headersBytesMax = 65_536
/** JSON.parse reads deeper than JSON.stringify can write; far below both, every runtime's stack is safe. */
const bodyDepthMax = 1_000

const sendChecks: Record<string, Check> = {
  id: text(200),
  key: text(1_000),
  headers: headersAreText,
  delayMs: durationMs(0),
}

export function checkSendOptions(where: string, options: SendOptions | undefined): void {
  if (options !== undefined) checkOptions(where, options, sendChecks)
}

/** Whether the second of a pair can only be meant as options; an array of two that is a body has something else there. */
export function isSendOptions(value: unknown): value is SendOptions {
  return value !== null && typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype
}

/** The message as it will be stored, taken now: what the caller changes in the body afterwards does not reach it. */
export function storedMessage(
  body: unknown,
  options: SendOptions | undefined,
  context: { store: { now(): number }; ids: IdSource; bodyBytesMax: number },
): StoredMessage {
  const sentAt = context.store.now()
  return {
    message_id: options?.id ?? context.ids.next(sentAt),
    key: options?.key ?? null,
    headers: encodeHeaders(options?.headers),
    sent_at: sentAt,
    body: encodeBody(body, context.bodyBytesMax),
  }
}

/**
 * @throws {TypeError} if the body is neither a JSON value nor bytes, or is cyclic
 * @throws {RangeError} if it is larger than `bodyBytesMax` or nested too deep
 */
export function encodeBody(body: unknown, bodyBytesMax: number): string | Uint8Array {
  if (body instanceof Uint8Array) {
    refuseLarge(body.byteLength, bodyBytesMax)
    return Uint8Array.from(body)
  }
  assertJson(body, "body", 0)
  const json = JSON.stringify(body)
  // A UTF-16 unit takes at most three bytes of UTF-8: most bodies need no counting.
  if (json.length * 3 > bodyBytesMax) refuseLarge(Buffer.byteLength(json), bodyBytesMax)
  return json
}

export function decodeBody(stored: string | Uint8Array): unknown {
  if (typeof stored === "string") return parseJson(stored)
  // The driver's Buffer is a Uint8Array with other methods (slice); hand out what was sent.
  return new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength)
}

const noHeaders: Readonly<Record<string, string>> = Object.freeze({})

export function encodeHeaders(headers: Readonly<Record<string, string>> | undefined): string | null {
  if (headers === undefined) return null
  const json = JSON.stringify(headers)
  return json === "{}" ? null : json
}

export function decodeHeaders(stored: string | null): Readonly<Record<string, string>> {
  return stored === null ? noHeaders : (parseJson(stored) as Record<string, string>)
}

function refuseLarge(bytes: number, bytesMax: number): void {
  if (bytes <= bytesMax) return
  throw new RangeError(
    `A body must have at most ${bytesMax} bytes (option bodyBytesMax): got ${bytes}. Send a reference to a large thing, not the thing.`,
  )
}

export function headersAreText(value: unknown, name: string): void {
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw new TypeError(`${name} must be an object of strings: got ${shown(value)}.`)
  }
  let characters = 0
  for (const [header, content] of Object.entries(value)) {
    text(1_000)(header, `A name in ${name}`)
    text(headersBytesMax, 0)(content, `${name}, ${shown(header)},`)
    characters += header.length + (content as string).length
  }
  if (characters > headersBytesMax) {
    throw new RangeError(`${name} must have at most ${headersBytesMax} characters in all: got ${characters}.`)
  }
}

/** JSON.stringify drops, replaces or alters what JSON lacks; the consumer would get something else than was sent. */
function assertJson(value: unknown, path: string, depth: number): void {
  switch (typeof value) {
    case "string":
    case "boolean":
      return
    case "number":
      if (Number.isFinite(value)) return
      throw notJson(path, String(value))
    case "object":
      if (value === null) return
      if (depth >= bodyDepthMax) {
        throw new RangeError(
          `A body must be nested at most ${bodyDepthMax} levels deep, and not refer to itself: got more, at ${path.slice(0, 200)}.`,
        )
      }
      if (Array.isArray(value)) {
        for (let index = 0; index < value.length; index++) assertJson(value[index], path, depth + 1)
        return
      }
      assertPlainObject(value, path, depth)
      return
    default:
      throw notJson(path, shown(value))
  }
}

function assertPlainObject(value: object, path: string, depth: number): void {
  const prototype = Object.getPrototypeOf(value)
  const foreign = prototype !== Object.prototype && prototype !== null
  if (foreign && Object.getPrototypeOf(prototype) !== null) throw notJson(path, shown(value))
  if (typeof (value as { toJSON?: unknown }).toJSON === "function") throw notJson(path, `${shown(value)} with toJSON()`)
  for (const name of Object.keys(value)) {
    const member = (value as Record<string, unknown>)[name]
    // As everywhere in JavaScript, a member that is undefined is a member that is not there.
    if (member === undefined || typeof member === "string") continue
    assertJson(member, depth < 5 ? `${path}.${name}` : path, depth + 1)
  }
}

function notJson(path: string, found: string): TypeError {
  return new TypeError(
    `A message must be a JSON value or a Uint8Array: ${path} is ${found}, which JSON cannot carry unchanged. Convert it before sending.`,
  )
}
