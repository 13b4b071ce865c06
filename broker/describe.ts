import type { StandardJSONSchemaV1, StandardSchemaV1 } from "@standard-schema/spec"
import { BrokerError } from "./errors.ts"
import { checkOptions, text } from "./options.ts"
import type { ChannelDeclaration, ChannelKind, ChannelUses, Receiver } from "./uses.ts"

export interface DescribeOptions {
  /** What the service is called. */
  title: string
  /** The version of its API, by semantic versioning. @default "1.0.0" */
  version?: string
  description?: string
}

/** An AsyncAPI document: plain JSON, for a file, a parser or a generator. */
export interface AsyncApiDocument {
  readonly asyncapi: "3.0.0"
  readonly info: { readonly title: string; readonly version: string; readonly description?: string }
  readonly defaultContentType: string
  readonly channels: Readonly<Record<string, Json>>
  readonly operations: Readonly<Record<string, Json>>
}

type Json = Readonly<Record<string, unknown>>

/**
 * The AsyncAPI document of a service, from what its broker took in hand: its channels, the schemas of their messages, and
 * for each channel whether the service receives from it (there is, or was, a consumer) or sends to it (there is none).
 *
 * @throws {BrokerError} code `NO_JSON_SCHEMA` for a schema that cannot be written down
 * @see AsyncAPI Initiative, "AsyncAPI Specification 3.0.0"; "Standard JSON Schema"
 */
export function describe(uses: ChannelUses, options: DescribeOptions): AsyncApiDocument {
  checkOptions("describe()", options, { title: text(200), version: text(100), description: text(10_000) })
  text(200)(options?.title, 'Option "title" of describe()')
  const { title, version = "1.0.0", description } = options
  return {
    asyncapi: "3.0.0",
    info: { title, version, ...(description && { description }) },
    defaultContentType: "application/json",
    channels: Object.fromEntries(uses.channels.flatMap((use) => channelEntries(use, uses.receiversOf(use.name).length > 0))),
    operations: Object.fromEntries(uses.channels.flatMap((use) => operationEntries(use, uses.receiversOf(use.name)))),
  }
}

const replies = (name: string) => `${name}.reply`

function channelEntries(use: ChannelDeclaration, isReceived: boolean): [string, Json][] {
  const { name, kind, ordered, partitions, schema, replySchema } = use
  const waystation = { kind, ...(ordered && { orderByKey: true }), ...(partitions && { partitions }) }
  const channel = {
    address: name,
    messages: { [name]: message(name, schema, kind, isReceived ? "input" : "output") },
    "x-waystation": waystation,
  }
  if (kind !== "request-reply") return [[name, channel]]
  // A requester names its own reply channel in a header: the address is not known before.
  const reply = { address: null, messages: { [replies(name)]: message(replies(name), replySchema, kind, isReceived ? "output" : "input") } }
  return [
    [name, channel],
    [replies(name), reply],
  ]
}

function message(name: string, schema: StandardSchemaV1 | undefined, kind: ChannelKind, side: Side): Json {
  return {
    name,
    ...(schema && { payload: jsonSchema(schema, name, side) }),
    ...(kind === "request-reply" && { correlationId: { location: "$message.header#/correlation-id" } }),
  }
}

function operationEntries(use: ChannelDeclaration, receivers: readonly Receiver[]): [string, Json][] {
  const { name, kind } = use
  const channel = { $ref: pointer("channels", name) }
  const messages = [{ $ref: pointer("channels", name, "messages", name) }]
  const reply = kind === "request-reply" && {
    reply: { address: { location: "$message.header#/reply-to" }, channel: { $ref: pointer("channels", replies(name)) } },
  }
  if (receivers.length === 0) return [[`send ${name}`, { action: "send", channel, messages, ...reply }]]
  return receivers.map(({ subscription, group }) => {
    const by = subscription ?? group
    const waystation = { ...(subscription && { subscription }), ...(group && { group }) }
    const operation = { action: "receive", channel, messages, ...reply, ...(by && { "x-waystation": waystation }) }
    return [by ? `receive ${name} as ${by}` : `receive ${name}`, operation]
  })
}

/** A JSON pointer as a reference: names may have slashes and tildes in them. */
function pointer(...path: string[]): string {
  return `#/${path.map((part) => encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1"))).join("/")}`
}

/** What is sent is what the schema gives, with its defaults filled in; what is received may be all that it takes. */
type Side = "input" | "output"

function jsonSchema(schema: StandardSchemaV1, message: string, side: Side): Json {
  const { jsonSchema, vendor } = schema["~standard"] as StandardSchemaV1.Props & Partial<StandardJSONSchemaV1.Props>
  if (!jsonSchema) {
    throw new BrokerError(
      "NO_JSON_SCHEMA",
      `The schema of "${message}", made by ${vendor}, cannot be described: it has no JSON Schema ("~standard".jsonSchema). Zod's and ArkType's have one, Valibot's with toStandardJsonSchema().`,
    )
  }
  try {
    return jsonSchema[side]({ target: "draft-07" })
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new BrokerError("NO_JSON_SCHEMA", `The schema of "${message}" cannot be written as JSON Schema: ${why}`, { cause: error })
  }
}
