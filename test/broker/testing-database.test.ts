import BetterSqlite3 from "better-sqlite3"
import { expect, test } from "vitest"
import type { Database } from "#waystation"
import { crashEverywhere } from "#waystation/testing"

/** Runs `work` on a handle of the kit, and returns what the kit saw it do. */
async function seen(work: (database: Database) => unknown): Promise<(string | undefined)[]> {
  const { history } = await crashEverywhere({ run: (process) => void work(process.open("test.db")), recover: () => {} })
  return history.flatMap(({ event, what }) => (event === "wrote" ? [what] : event === "transaction" ? ["COMMIT"] : []))
}

test("a handle of the kit is a better-sqlite3 handle to those who are given it", async () => {
  await seen((database) => {
    expect(database).toBeInstanceOf(BetterSqlite3)
    expect(database.open).toBe(true)
    expect(database.name.endsWith("test.db")).toBe(true)
    const rows = database.exec("CREATE TABLE a (id INTEGER)").prepare("INSERT INTO a VALUES (?) RETURNING id").all(7)
    expect(rows).toEqual([{ id: 7 }])
    expect(database.prepare("SELECT id FROM a").pluck().get()).toBe(7)
    expect([...database.prepare("SELECT id FROM a").iterate()]).toEqual([{ id: 7 }])
  })
})

test("every way to write is seen, and reading is not", async () => {
  const effects = await seen((database) => {
    database.exec("-- the orders\nCREATE TABLE IF NOT EXISTS orders (id INTEGER)")
    database.prepare("INSERT INTO orders VALUES (?)").run(1)
    database.prepare("UPDATE orders SET id = 2 RETURNING id").get()
    database.prepare("SELECT * FROM orders").all()
    database.exec("BEGIN; DELETE FROM orders; COMMIT")
    database.transaction(() => void database.prepare("DELETE FROM orders").run())()
    database.transaction(() => void database.prepare("SELECT 1").get())()
  })
  expect(effects).toEqual(["CREATE orders", "INSERT orders", "UPDATE orders", "DELETE orders", "COMMIT"])
})

test("transaction() behaves as the driver's: nested, with a rollback, and no promise", async () => {
  await seen((database) => {
    database.exec("CREATE TABLE IF NOT EXISTS a (id INTEGER)")
    const insert = database.prepare("INSERT INTO a VALUES (?)")
    const ids = () => database.prepare("SELECT id FROM a ORDER BY id").pluck().all()
    const fail = database.transaction((id: number) => {
      insert.run(id)
      throw new Error("undo")
    })
    database.transaction(() => {
      insert.run(1)
      expect(() => fail(2)).toThrow("undo")
      database.transaction(() => void insert.run(3)).immediate()
    })()
    expect(ids()).toEqual([1, 3])
    expect(() => fail.exclusive(4)).toThrow("undo")
    expect(() => database.transaction(async () => {})()).toThrow(TypeError)
    expect(database.inTransaction).toBe(false)
    expect(ids()).toEqual([1, 3])
  })
})

test("durability and waiting for locks read back as they were set, and are not made", async () => {
  await seen((database) => {
    expect(database.pragma("synchronous", { simple: true })).toBe(2)
    database.pragma("synchronous = NORMAL")
    expect(database.pragma("synchronous")).toEqual([{ synchronous: 1 }])
    database.pragma("busy_timeout = 5000")
    expect(database.pragma("busy_timeout", { simple: true })).toBe(5_000)
    expect(database.pragma("journal_mode = WAL", { simple: true })).toBe("wal")
  })
})
