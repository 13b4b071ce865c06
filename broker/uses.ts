import type { StandardSchemaV1 } from "@standard-schema/spec"

export type ChannelKind = "queue" | "topic" | "partitioned" | "request-reply"

/** What a caller says of a channel when it takes it in hand; what it leaves open is as the file has it. */
export interface ChannelDeclaration {
  readonly name: string
  readonly kind: ChannelKind
  readonly ordered?: boolean
  readonly partitions?: number
  readonly schema?: StandardSchemaV1 | undefined
  readonly replySchema?: StandardSchemaV1 | undefined
}

/** One who receives: a queue's consumers, a topic's subscription, a partitioned channel's group. */
export interface Receiver {
  readonly channel: string
  readonly subscription?: string
  readonly group?: string
}

/** What one broker does with its channels, for as long as it is open. The file knows nothing of it: others use the same channels otherwise. */
export class ChannelUses {
  readonly #channels = new Map<string, ChannelDeclaration>()
  readonly #receivers = new Map<string, Receiver>()

  get channels(): ChannelDeclaration[] {
    return [...this.#channels.values()].sort((one, other) => (one.name < other.name ? -1 : 1))
  }

  /** A channel taken in hand again without its schema keeps the one it had. */
  take(declaration: ChannelDeclaration): void {
    const known = this.#channels.get(declaration.name)
    const { schema = known?.schema, replySchema = known?.replySchema } = declaration
    this.#channels.set(declaration.name, { ...known, ...declaration, schema, replySchema })
  }

  receive({ channel, subscription, group }: Receiver): void {
    const name = [channel, subscription ?? group ?? ""].join("\u0000")
    this.#receivers.set(name, { channel, ...(subscription && { subscription }), ...(group && { group }) })
  }

  receiversOf(channel: string): Receiver[] {
    return [...this.#receivers.values()].filter((receiver) => receiver.channel === channel)
  }
}
