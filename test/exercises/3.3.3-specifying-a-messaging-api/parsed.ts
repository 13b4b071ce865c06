import { type AsyncAPIDocumentInterface, type ChannelInterface, Parser } from "@asyncapi/parser"
import { code, words } from "../support/language.ts"
import { Wrong } from "../support/wrong.ts"
import { refusalBy } from "./json-schema.ts"

type Json = Readonly<Record<string, unknown>>

/** A document as the parser gives it, and what it has against it. */
interface Parsed {
  readonly document: AsyncAPIDocumentInterface | undefined
  readonly errors: readonly { readonly path: readonly (string | number)[]; readonly message: string }[]
}

// The rule left out looks for references in places where none may be; it would compile AsyncAPI's schema a second time for every document.
const parser = new Parser({ ruleset: { recommended: false, rules: { "asyncapi-document-unresolved": "off" } } })
const known = new Map<string, Promise<Parsed>>()

/**
 * The document, parsed by AsyncAPI's own parser. Fails with what the parser has against it, or against these parts alone ("channels/created").
 * To parse takes a quarter of a second, whatever the document: one document is parsed once.
 */
export async function parsed(document: Json, names?: readonly string[]): Promise<AsyncAPIDocumentInterface> {
  const text = JSON.stringify(document)
  const parsing = known.get(text) ?? parse(text)
  known.set(text, parsing)
  const result = await parsing
  const concerns = ([part, name]: readonly (string | number)[]) => name === undefined || names?.includes(`${part}/${name}`) !== false
  const steps = result.errors
    .filter(({ path }) => concerns(path))
    .map(({ path, message }) => words("{0}: {1}", "{0}: {1}", code(path.join(".")), message))
  if (result.document && steps.length === 0) return result.document
  throw new Wrong(words("파서가 문서를 받아들이지 않아요", "the parser does not accept the document"), steps)
}

async function parse(text: string): Promise<Parsed> {
  // Also with errors: they may be those of another task.
  const { document, diagnostics } = await parser.parse(text, { validateOptions: { allowedSeverity: { error: true } } })
  return { document, errors: diagnostics.filter(({ severity }) => severity === 0) }
}

/** A document of these channels and operations. */
export function documentOf(channels: Json, operations: Json): Json {
  const info = { title: "Order service", version: "1.0.0" }
  return { asyncapi: "3.0.0", info, defaultContentType: "application/json", channels, operations }
}

export function addressOf(channel: ChannelInterface): string {
  return channel.address() ?? ""
}

/** What one of the channel's messages has against the body; nothing if one lets it pass. */
export function refusal(channel: ChannelInterface, body: unknown): string | undefined {
  const complaints = channel
    .messages()
    .all()
    .map((message) => refusalBy(message.payload()?.json(), body))
  return complaints.includes(undefined) ? undefined : (complaints[0] ?? "no message")
}

/** The channel has messages, and each has a schema. */
export function expectSchema(channel: ChannelInterface): void {
  const where = code(channel.address() ?? channel.id())
  const messages = channel.messages().all()
  if (messages.length === 0) throw new Wrong(words("{0} 채널에 메시지가 없어요", "the channel {0} has no messages", where))
  const bare = messages.find((message) => message.payload() === undefined)
  if (bare === undefined) return
  const said = [
    "{0} 채널의 메시지 {1}에 스키마(`payload`)가 없어요",
    "the message {1} of the channel {0} has no schema (`payload`)",
  ] as const
  throw new Wrong(words(...said, where, code(bare.id())))
}

/** Every message of the channel is described, and shown by an example which it lets pass itself. */
export function expectDescribed(channel: ChannelInterface): void {
  expectSchema(channel)
  const where = code(channel.address() ?? channel.id())
  for (const message of channel.messages().all()) {
    const examples = examplesOf(message)
    const none = ["{0} 채널의 메시지 {1}에 예(`examples`)가 없어요", "the message {1} of the channel {0} has no `examples`"] as const
    if (examples.length === 0) throw new Wrong(words(...none, where, code(message.id())))
    for (const body of examples) {
      const refused = refusalBy(message.payload()?.json(), body)
      if (refused === undefined) continue
      const steps = [
        words("예: {0}", "the example: {0}", code(JSON.stringify(body))),
        words("스키마의 말: {0}", "the schema says: {0}", refused),
      ]
      const headline = words(
        "{0} 채널의 예를 그 메시지의 스키마가 거절해요",
        "an example of the channel {0} is refused by its own message's schema",
        where,
      )
      const note = words("파서는 예를 스키마에 대 보지 않아요", "the parser does not hold examples against their schema")
      throw new Wrong(headline, steps, note)
    }
  }
}

export function examplesOf(message: { examples(): { all(): { payload(): unknown }[] } }): unknown[] {
  return message
    .examples()
    .all()
    .map((example) => example.payload())
}
