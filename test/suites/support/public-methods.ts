import BetterSqlite3 from "better-sqlite3"
import type * as Waystation from "#waystation"

/**
 * Watches the methods of everything that the package hands out, as it finds them on one object of each kind: the list of
 * public operations is the code's own, and a new one that no scenario calls is noticed.
 */
export function publicMethods({ createInbox, createOutbox, openBroker, relayOutbox }: typeof Waystation) {
  const called = new Set<string>()
  const all = new Set<string>()
  const watch = (kind: string, one: object) => {
    const prototype = Object.getPrototypeOf(one)
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      if (name === "constructor" || typeof value !== "function" || internal.has(`${kind}.${name}`)) continue
      all.add(`${kind}.${name}`)
      prototype[name] = function (this: unknown, ...parameters: unknown[]) {
        called.add(`${kind}.${name}`)
        return value.apply(this, parameters)
      }
    }
  }
  const broker = openBroker(":memory:")
  const queue = broker.queue("a")
  const relayed = new BetterSqlite3(":memory:")
  void queue.send(1)
  const [consumer] = [queue.consume(() => {})]
  const outbox = createOutbox(relayed)
  watch("broker", broker)
  watch("queue", queue)
  watch("deadLetters", queue.deadLetters)
  watch("topic", broker.topic("b"))
  watch("partitioned", broker.partitioned("c", { partitions: 1 }))
  watch("requestReply", broker.requestReply("d"))
  watch("consumer", consumer as object)
  watch("publisher", broker.publisher())
  watch("outbox", outbox)
  watch("inbox", createInbox(relayed))
  const relay = relayOutbox(relayed, broker.publisher(), { method: "polling" })
  watch("relay", relay)
  void relay.stop().then(() => broker.close())
  return { count: all.size, uncalled: () => [...all].filter((name) => !called.has(name)) }
}

/** What one part of the broker offers to another, and not to its users. */
const internal = new Set(["relay.start"])
