/** Sends one message through a service's outbox, and goes. */
import BetterSqlite3 from "better-sqlite3"
import { createOutbox } from "#waystation"
import { args } from "./talk.ts"

const [file = "", id = ""] = args
const database = new BetterSqlite3(file)
createOutbox(database).send("orders", { placed: id }, { id })
database.close()
process.exit()
