/** Holds the write lock of a service's file, and then begins to tail its outbox. */
import BetterSqlite3 from "better-sqlite3"
import { relayOutbox } from "#waystation"
import { args, finished, say } from "./talk.ts"

const [file = ""] = args
const database = new BetterSqlite3(file)
database.exec("BEGIN IMMEDIATE")
const relay = relayOutbox(file, { publish: async () => {} }, { method: "tailing", intervalMs: 5 })
await new Promise((resolve) => setTimeout(resolve, 50))
say("locked")
await finished()
database.exec("COMMIT")
await relay.stop()
database.close()
