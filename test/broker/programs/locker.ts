/** Holds the file's write lock, as somebody else's program might, until it is told to let go. */
import BetterSqlite3 from "better-sqlite3"
import { args, finished, say } from "./talk.ts"

const [file = ""] = args
const database = new BetterSqlite3(file)
database.exec("BEGIN IMMEDIATE")
say("locked")
await finished()
database.exec("COMMIT")
database.close()
