import BetterSqlite3 from "better-sqlite3"

/** `lock-holder.ts <file> <ms>`: holds the file's write lock for that long, as a careless program of somebody else's might. */
const [file = "", forMs = ""] = process.argv.slice(2)
const database = new BetterSqlite3(file)
database.exec("BEGIN IMMEDIATE")
console.log("held")
setTimeout(() => {
  database.exec("COMMIT")
  console.log("let go")
}, Number(forMs))
