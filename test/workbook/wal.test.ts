import { execFileSync, spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import BetterSqlite3 from "better-sqlite3"
import { describe, expect, test } from "vitest"
import { createOutbox } from "#waystation"
import { walTable } from "#workbook/wal.ts"

const program = fileURLToPath(new URL("../../workbook/wal.ts", import.meta.url))

class Service {
  readonly directory = mkdtempSync(join(tmpdir(), "waystation-wal-table-"))
  readonly path = join(this.directory, "orders.db")
  readonly database = new BetterSqlite3(this.path)
  readonly outbox = createOutbox(this.database)

  constructor() {
    this.database.exec("CREATE TABLE orders (id INTEGER PRIMARY KEY)")
    for (let id = 100; id < 130; id++) this.database.prepare("INSERT INTO orders VALUES (?)").run(id)
    this.database.pragma("wal_checkpoint(RESTART)")
  }

  table(language: "ko" | "en" = "en"): string[] {
    return [...walTable(this.path, language)]
  }

  [Symbol.dispose](): void {
    this.database.close()
    rmSync(this.directory, { recursive: true })
  }
}

describe("the table of a log", () => {
  test("has a line for each transaction and for each row of the outbox", () => {
    using service = new Service()
    service.outbox.send("orders", { placed: 1 }, { id: "a", key: "k" })
    service.database.exec("INSERT INTO orders VALUES (1)")
    service.database.transaction(() => {
      service.outbox.send("orders", 2, { id: "b" })
      service.outbox.send("images", new Uint8Array(9_000), { id: "c" })
    })()
    const lines = service.table()
    expect(lines[0]).toMatch(/^orders\.db-wal: pages of 4096 bytes, restarts: 1, salts: [0-9a-f]{8} [0-9a-f]{8}$/)
    expect(lines.slice(3, -2).map((line) => line.replace(/^(\d*) .*?pages +|^ +/, "$1 ").trim())).toEqual([
      '1 1 orders key=k a {"placed":1}',
      expect.stringMatching(/^2 /),
      "3 2 orders b 2",
      "3 images c <9000 bytes>",
    ])
    expect(lines.at(-1)).toMatch(/^From frame \d+ on stand remnants of the time before the last restart/)
  })

  test("says how the log ends: in a frame that is damaged, cut off, or without its commit", () => {
    using service = new Service()
    for (const id of ["a", "b", "c"]) service.outbox.send("orders", "x".repeat(5_000), { id })
    const log = readFileSync(`${service.path}-wal`)
    const ends = (bytes: Buffer) => {
      const path = join(service.directory, "copy-wal")
      writeFileSync(path, bytes)
      return [...walTable(path, "en")].slice(-3)
    }
    const damaged = Buffer.from(log)
    damaged[32 + 4_120 + 100] = 1
    expect(ends(damaged).at(-1)).toBe("Frame 2 does not fit its checksum: it is being written, or damaged.")
    expect(ends(damaged).at(0)).toMatch(/^Frames 1 belong to a transaction without a commit frame/)
    expect(ends(log.subarray(0, 32 + 4_120 + 7)).at(-1)).toBe("Frame 2 is not there as a whole: the file ends in it.")
    expect(ends(log.subarray(0, 32)).at(-1)).toBe("The log fills its file.")
  })

  test("shows nothing that could move the cursor", () => {
    using service = new Service()
    service.database
      .prepare("INSERT INTO waystation_outbox (message_id, channel, sent_at, body) VALUES (?, ?, 0, '1')")
      .run("\u001b[2J", "a\u009b31m\u202e")
    expect(service.table().join("\n")).toContain("1 a\\u009b31m\\u202e \\u001b[2J 1")
  })

  test("reads text in UTF-16 when the log has the database's first page", () => {
    using service = new Service()
    const database = new BetterSqlite3(join(service.directory, "utf16.db"))
    database.pragma('encoding = "UTF-16le"')
    createOutbox(database).send("주문", { 이름: "차" }, { id: "a" })
    expect([...walTable(database.name, "ko")].join("\n")).toContain('1 주문 a {"이름":"차"}')
    database.close()
  })
})

describe("npm run wal", () => {
  test.each(["en", "ko"])("prints the table in %s", (language) => {
    using service = new Service()
    service.outbox.send("orders", 1, { id: "a" })
    const printed = execFileSync(process.execPath, [program, service.path, "--lang", language], { encoding: "utf8" })
    expect(printed.trimEnd().split("\n")).toEqual(service.table(language as "ko" | "en"))
  })

  test("ends without a word when its reader has seen enough", () => {
    using service = new Service()
    for (let number = 0; number < 2_000; number++) service.database.prepare("INSERT INTO orders VALUES (?)").run(1_000 + number)
    const command = `"${process.execPath}" "${program}" "${service.path}" | head -n 1`
    const { stdout, stderr } = spawnSync(command, { encoding: "utf8", shell: true })
    expect(stdout).toMatch(/^orders\.db-wal: /)
    expect(stderr).toBe("")
  })

  test.each([
    ["no file named", [], /^Usage: npm run wal -- FILE/],
    ["a language that it does not speak", ["a.db", "--lang", "fr"], /^Usage/],
    ["a directory for the log", ["."], /\. holds no write-ahead log/],
  ])("%s", (_what, args, message) => {
    const { stdout, stderr, status } = spawnSync(process.execPath, [program, ...args], {
      encoding: "utf8",
      env: { ...process.env, LC_ALL: "en_US.UTF-8" },
    })
    expect(stdout + stderr).toMatch(message)
    expect(status === 1 || stdout !== "").toBe(true)
  })
})
