import type { StandardSchemaV1 } from "@standard-schema/spec"
import type { BrokerContext } from "./context.ts"
import { BrokerError } from "./errors.ts"
import { type Check, channelName, durationMs, shown } from "./options.ts"
import type { Store } from "./storage/store.ts"
import type { ChannelDeclaration, ChannelKind } from "./uses.ts"

export interface ChannelOptions<Body> {
  /** Checked when a message is sent and again when it is delivered. Must validate synchronously. */
  schema?: StandardSchemaV1<unknown, Body>
  /** How long a second message of the same id is recognised and dropped. @default 300_000 */
  deduplicationMs?: number
}

export function standardSchema(value: unknown, name: string): void {
  const standard = (value as { "~standard"?: { validate?: unknown } } | null)?.["~standard"]
  if (typeof standard?.validate === "function") return
  throw new TypeError(`${name} must be a Standard Schema, as Zod, Valibot and ArkType make them: got ${shown(value)}.`)
}

export const channelChecks: Record<string, Check> = {
  schema: standardSchema,
  deduplicationMs: durationMs(0),
}

/** A channel as the file knows it. */
export interface ChannelRow {
  id: number
  name: string
  kind: ChannelKind
  ordered: number
  partitions: number
}

/**
 * A row that is there once it was asked for. Declared inside a transaction it may vanish with a rollback, so it is
 * looked up each time until a commit was seen.
 */
export class Declared<Row> {
  readonly #store: Store
  readonly #declare: () => Row
  #row: Row | undefined

  constructor(store: Store, declare: () => Row) {
    this.#store = store
    this.#declare = declare
    this.row
  }

  get row(): Row {
    if (this.#row !== undefined) return this.#row
    const row = this.#declare()
    if (!this.#store.inTransaction) this.#row = row
    return row
  }
}

/**
 * Finds the channel or makes it.
 * @throws {TypeError} for a name that cannot be one
 * @throws {BrokerError} code `CHANNEL_MISMATCH` if the file has the name for something else
 */
export function declareChannel(context: BrokerContext, declaration: ChannelDeclaration): Declared<ChannelRow> {
  context.assertOpen()
  channelName(declaration.name, "A channel's name")
  const { store } = context
  const channel = new Declared(store, () => {
    const found = findChannel(store, declaration.name) ?? insertChannel(store, declaration)
    refuseMismatch(found, declaration)
    return found
  })
  context.uses.take(declaration)
  return channel
}

export function findChannel(store: Store, name: string): ChannelRow | undefined {
  return store.read(() =>
    store.sql<ChannelRow>("SELECT id, name, kind, ordered, partitions FROM waystation_channel WHERE name = ?").get(name),
  )
}

/** By name. */
export function allChannels(store: Store): ChannelRow[] {
  return store.sql<ChannelRow>("SELECT id, name, kind, ordered, partitions FROM waystation_channel ORDER BY name").all()
}

function insertChannel(store: Store, { name, kind, ordered = false, partitions = 0 }: ChannelDeclaration): ChannelRow {
  return store.transaction(() => {
    store
      .sql("INSERT INTO waystation_channel (name, kind, ordered, partitions) VALUES (?, ?, ?, ?) ON CONFLICT (name) DO NOTHING")
      .run(name, kind, Number(ordered), partitions)
    return findChannel(store, name) as ChannelRow
  })
}

const kindNames: Record<ChannelKind, string> = {
  queue: "a queue",
  topic: "a topic",
  partitioned: "a partitioned channel",
  "request-reply": "a request/reply channel",
}

function refuseMismatch(found: ChannelRow, { kind, ordered, partitions }: ChannelDeclaration): void {
  if (found.kind !== kind) throw mismatch(found, kindNames[found.kind], kindNames[kind])
  if (ordered !== undefined && Boolean(found.ordered) !== ordered) {
    throw mismatch(found, `a queue with orderByKey: ${Boolean(found.ordered)}`, `orderByKey: ${ordered}`)
  }
  if (partitions !== undefined && found.partitions !== partitions) {
    throw mismatch(found, `a channel of ${found.partitions} partitions`, `${partitions}: another count would send keys elsewhere`)
  }
}

function mismatch(found: ChannelRow, is: string, asked: string): BrokerError {
  return new BrokerError("CHANNEL_MISMATCH", `The name "${found.name}" belongs to ${is} in this file, and you ask for ${asked}.`)
}

/**
 * The body as the schema has it, with its defaults filled in.
 * @throws {BrokerError} code `INVALID_BODY`
 */
export function validateBody<Body>(schema: StandardSchemaV1<unknown, Body> | undefined, body: unknown, channel: string): Body {
  if (!schema) return body as Body
  const result = schema["~standard"].validate(body)
  if (result instanceof Promise) {
    result.catch(() => {})
    throw new TypeError(
      `The schema of channel "${channel}" validates asynchronously, and a message is checked while it is sent: use one that does not.`,
    )
  }
  if (!result.issues) return result.value
  const issues = result.issues.slice(0, 5).map((issue) => `${pathOf(issue)}${issue.message}`)
  throw new BrokerError("INVALID_BODY", `The body does not match the schema of channel "${channel}": ${issues.join("; ")}.`)
}

/**
 * Refuses at the send what would be refused at the delivery: a message is checked again there, and a schema that makes
 * something else of a body (a number of a string) does not take its own output.
 * @throws {BrokerError} code `INVALID_BODY`
 */
export function assertValidAgain<Body>(schema: StandardSchemaV1<unknown, Body> | undefined, valid: Body, channel: string): void {
  try {
    validateBody(schema, valid, channel)
  } catch (error) {
    throw new BrokerError(
      "INVALID_BODY",
      `The schema of channel "${channel}" must take what it gives, because a message is checked again when it is delivered: it turned the body into something that it refuses. Transform in the handler instead.`,
      { cause: error },
    )
  }
}

function pathOf(issue: StandardSchemaV1.Issue): string {
  const path = (issue.path ?? []).map((segment) => String(typeof segment === "object" ? segment.key : segment)).join(".")
  return path ? `${path}: ` : ""
}
