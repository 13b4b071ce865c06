import { findChannel } from "./channel.ts"
import type { BrokerContext } from "./context.ts"
import { BrokerError } from "./errors.ts"
import type { OutgoingMessage, Publisher } from "./message.ts"
import { partitionedStorage } from "./partitioned.ts"
import { ownQueue, queueStorage } from "./queue.ts"
import { appendMessages, deduplicationMsDefault, preparedFrom, type Storage } from "./sender.ts"
import { topicStorage } from "./topic.ts"
import type { ChannelKind } from "./uses.ts"

/**
 * Delivers a relay's messages into this broker, a batch in one commit. A batch that arrives twice is stored once: its ids
 * are known for the deduplication window. The channels must have been declared, here or by another process.
 */
export class BrokerPublisher implements Publisher {
  readonly #context: BrokerContext
  readonly #storages: Partial<Record<ChannelKind, Storage>>

  constructor(context: BrokerContext) {
    this.#context = context
    this.#storages = {
      queue: queueStorage(context, (channel) => ownQueue(context, channel)),
      topic: topicStorage(context),
      partitioned: partitionedStorage(context),
    }
  }

  async publish(messages: readonly OutgoingMessage[]): Promise<void> {
    this.#context.assertOpen()
    const prepared = messages.map((message) => ({ message, prepared: preparedFrom(this.#context, message) }))
    await this.#context.commit.add(() => {
      for (const [name, ofChannel] of Map.groupBy(prepared, ({ message }) => message.channel)) {
        const channel = findChannel(this.#context.store, name)
        const storage = channel && this.#storages[channel.kind]
        if (!storage) throw unknownChannel(name)
        for (const { message } of ofChannel) storage.check?.("publish()", message)
        const messagesOfIt = ofChannel.map((message) => message.prepared)
        appendMessages(this.#context, channel, storage, messagesOfIt, deduplicationMsDefault)
      }
    })
  }
}

function unknownChannel(name: string): BrokerError {
  return new BrokerError(
    "UNKNOWN_CHANNEL",
    `This broker has no queue, topic or partitioned channel "${name}": declare it before a relay delivers to it.`,
  )
}
