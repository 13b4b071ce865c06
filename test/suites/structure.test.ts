import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import {
  type Files,
  forbiddenReach,
  importCycles,
  missingTranslations,
  productionImportsOf,
  skippedTests,
  tableWriters,
  tooLong,
  upwardImports,
} from "./support/source-rules.ts"

/** From the bottom up. A file imports only from rows below its own; the files of a folder may use each other. */
const brokerRows = [
  ["errors", "clock", "backoff", "partition", "assignment", "options", "events", "ids", "json", "uses", "in-flight"],
  ["storage/database", "storage/schema"],
  ["storage/store"],
  ["storage/migrate", "message", "commit", "wake", "cursor", "group", "recent-ids", "queue-row"],
  ["context", "deliveries", "log"],
  ["channel", "delivery", "dead-letters", "outbox", "inbox"],
  ["consumer", "sender", "group-retry"],
  ["claim-loop", "queue-source", "inspect", "describe"],
  ["queue", "log-lease"],
  ["group-source"],
  ["topic", "partitioned", "request"],
  ["publisher"],
  ["relay/"],
  ["broker"],
  ["index"],
]

const root = join(import.meta.dirname, "../..")
const sources = ["broker/**/*.ts", "workbook/**/*.{ts,tsx,css}", "chapters/**/*.ts", "test/**/*.ts", "example/**/*.ts", "bench/*.ts"]
const broker = read("broker/**/*.ts")
const production = without(broker, "broker/testing/")

function read(...patterns: string[]): Files {
  const paths = globSync(patterns, { cwd: root, exclude: ["**/node_modules"] })
  return new Map(paths.map((path) => path.replaceAll("\\", "/")).map((path) => [path, readFileSync(join(root, path), "utf8")]))
}

function without(files: Files, prefix: string): Files {
  return new Map([...files].filter(([path]) => !path.startsWith(prefix)))
}

/** Files with these lines in them: a project that breaks a rule. */
function planted(files: Record<string, string>): Files {
  return new Map(Object.entries(files))
}

describe("a file is short enough to be held in the head", () => {
  test("300 lines", () => {
    expect(tooLong(read(...sources), 300)).toEqual([])
    expect(tooLong(planted({ "broker/long.ts": "line\n".repeat(301) }), 300)).toEqual([
      "broker/long.ts has 301 lines, and 300 are the most",
    ])
  })

  test("40 lines for what the learner edits", () => {
    expect(tooLong(read("workbook/originals/**/*.ts"), 40)).toEqual([])
  })
})

describe("imports point down", () => {
  test("in the broker, by the rows of the table above", () => {
    expect(upwardImports(production, "broker/", brokerRows)).toEqual([])
    const upside = planted({ "broker/errors.ts": 'import type { Queue } from "./queue.ts"', "broker/queue.ts": "", "broker/new.ts": "" })
    expect(upwardImports(upside, "broker/", [["errors"], ["queue"]])).toEqual([
      "broker/errors.ts imports broker/queue.ts, which is not below it",
      "broker/new.ts has no row",
    ])
  })

  test("outbox, inbox and relay never reach the broker, nor transports the storage", () => {
    const found = ["broker/outbox", "broker/inbox", "broker/relay"].flatMap((from) => forbiddenReach(production, from, "broker/broker.ts"))
    expect(found).toEqual([])
    expect(forbiddenReach(production, "broker/transports/", "broker/storage/")).toEqual([])
    const roundabout = planted({ "a/relay.ts": 'import "./b.ts"', "a/b.ts": 'export * from "./broker.ts"', "a/broker.ts": "" })
    expect(forbiddenReach(roundabout, "a/relay", "a/broker.ts")).toEqual(["a/relay.ts reaches a/broker.ts"])
  })

  test("in no circle", () => {
    expect(importCycles(read(...sources))).toEqual([])
    const circle = planted({ "a/b.ts": 'const c = await import("./c.ts")', "a/c.ts": 'import {\n  b,\n} from "../a/b.ts"' })
    expect(importCycles(circle)).toHaveLength(2)
  })

  test("and never from production to the testing kit", () => {
    expect(productionImportsOf(broker, "broker/testing/")).toEqual([])
    const mixed = planted({ "broker/queue.ts": 'import { virtualClock } from "./testing/clock.ts"', "broker/testing/clock.ts": "" })
    expect(productionImportsOf(mixed, "broker/testing/")).toEqual(["broker/queue.ts imports broker/testing/clock.ts"])
  })
})

test("every table is written by exactly one file", () => {
  expect(tableWriters(production, "broker/storage/schema.ts")).toEqual([])
  const shared = planted({
    "schema.ts": "CREATE TABLE waystation_message (…); CREATE TABLE waystation_unused (…); INSERT INTO waystation_unused (…)",
    "queue.ts": "INSERT INTO waystation_message (…)",
    "topic.ts": "DELETE FROM waystation_message WHERE …",
  })
  expect(tableWriters(shared, "schema.ts")).toEqual([
    "waystation_message is written by queue.ts and topic.ts",
    "waystation_unused is written by no file",
  ])
})

test("no statement stops after a bare ?: SQLite would plan it anew each time it runs", () => {
  const bare = (files: Files) => [...files].filter(([, text]) => /\bLIMIT \?/.test(text)).map(([path]) => path)
  expect(bare(production)).toEqual([])
  expect(bare(planted({ "queue.ts": "SELECT body FROM message ORDER BY id LIMIT ?" }))).toEqual(["queue.ts"])
})

test("no test is left out", () => {
  expect(skippedTests(read("test/**/*.ts"))).toEqual([])
  const leftOut = ["test", 'only("this one", () => {})'].join(".")
  expect(skippedTests(planted({ "a.test.ts": leftOut }))).toEqual(["a.test.ts has a test with test.only"])
})

test("Korean and English have the same files", () => {
  const paths = globSync(["*.md", "chapters/**/*.*", "workbook/**/*.*", "test/**/*.*"], { cwd: root }).map((path) =>
    path.replaceAll("\\", "/"),
  )
  expect(missingTranslations(paths)).toEqual([])
  expect(missingTranslations(["a/ko/1.md", "a/en/1.md", "a/en/2.md", "README.ko.md"])).toEqual([
    "a/en/2.md has no a/ko/2.md",
    "README.ko.md has no README.md",
  ])
})

test("npm 10 does not try to compile the driver, which would need a compiler", () => {
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"))
  expect(lock.packages["node_modules/better-sqlite3"], "put back by: npm run dependencies").toHaveProperty("gypfile", false)
})
