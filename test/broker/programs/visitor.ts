/** Opens a file, reads and goes. */
import BetterSqlite3 from "better-sqlite3"
import { args } from "./talk.ts"

const database = new BetterSqlite3(args[0])
database.prepare("SELECT count(*) FROM sqlite_schema").get()
database.close()
process.exit()
