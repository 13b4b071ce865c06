import { join } from "node:path"
import BetterSqlite3 from "better-sqlite3"
import { relayOutbox } from "#waystation"
import { CollectingPublisher, type Service } from "./service.ts"
import { settles } from "./waiting.ts"

/** A relay that tails `service`'s log through a connection whose statements are counted. */
export function tail(service: Service, name = "orders.db") {
  const statements: string[] = []
  const handle = new BetterSqlite3(join(service.directory, name), { verbose: (sql) => statements.push(String(sql)) })
  const publisher = new CollectingPublisher()
  const relay = relayOutbox(handle, publisher, { method: "tailing", intervalMs: 5 })
  return {
    publisher,
    relay,
    idle: () => settles(relay.idle(), "idle()"),
    /** How often the table was asked for its rows since the last call: once at the beginning, and after each gap. */
    asked: () => statements.splice(0).filter((sql) => /headers, sent_at, delay_ms, body FROM waystation_outbox/.test(sql)).length,
    async [Symbol.asyncDispose]() {
      await relay.stop()
      handle.close()
    },
  }
}
