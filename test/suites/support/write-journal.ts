import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { brotliCompressSync, brotliDecompressSync } from "node:zlib"
import { openBroker } from "#waystation"

/** What one program did to its files, in order, and what it had promised by then. */
export type JournalEntry =
  | { does: "write"; file: string; at: number; hex: string }
  | { does: "truncate"; file: string; bytes: number }
  | { does: "remove"; file: string }
  | { does: "sync"; file: string }
  | { does: "ack"; id: string }

export interface Journal {
  /** The file before, in hex. */
  readonly before: string
  readonly entries: readonly JournalEntry[]
}

const program = join(import.meta.dirname, "../programs/power-writer.ts")

/** Runs a sender under strace (Linux), which tells of each of its writes and syncs. */
export function recordJournal(durability: "full" | "normal", messages: number): Journal {
  const directory = mkdtempSync(join(tmpdir(), "waystation-journal-"))
  try {
    const file = join(directory, "broker.db")
    prepare(file)
    const before = readFileSync(file, "hex")
    const log = join(directory, "strace.log")
    const options = ["-y", "-xx", "-s", "1000000", "-e", "trace=pwrite64,write,fsync,fdatasync,ftruncate,unlink", "-o", log]
    execFileSync("strace", [...options, process.execPath, program, file, durability, String(messages)])
    return { before, entries: parsed(readFileSync(log, "latin1")) }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

function prepare(file: string): void {
  const broker = openBroker(file)
  broker.queue("work")
  broker.database.close()
}

function parsed(log: string): JournalEntry[] {
  return log.split("\n").flatMap((line): JournalEntry[] => {
    const call = /^(?:\d+ +)?(\w+)\((.*)$/.exec(line)
    const [, name = "", rest = ""] = call ?? []
    const [path = "", data = ""] = [.../(?:<((?:\\x..)+)>|"((?:\\x..)*)")/g[Symbol.matchAll](rest)].map((match) =>
      bytesOf(match[1] ?? match[2] ?? ""),
    )
    const numbers = [...rest.replaceAll(/"[^"]*"|<[^>]*>/g, "").matchAll(/, (\d+)/g)].map((match) => Number(match[1]))
    const text = Buffer.from(data, "hex").toString()
    const file = basename(Buffer.from(path, "hex").toString())
    if (name === "write") return text.startsWith("ack ") ? [{ does: "ack", id: text.slice(4).trim() }] : []
    if (!/^broker\.db(-wal)?$/.test(file)) return []
    if (name === "pwrite64") return [{ does: "write", file, at: numbers.at(-1) ?? 0, hex: data }]
    if (name === "ftruncate") return [{ does: "truncate", file, bytes: numbers[0] ?? 0 }]
    if (name === "unlink") return [{ does: "remove", file }]
    return [{ does: "sync", file }]
  })
}

const bytesOf = (escaped: string) => escaped.replaceAll("\\x", "")

export function pack(journal: Journal): Buffer {
  return brotliCompressSync(JSON.stringify(journal))
}

export function unpack(packed: Buffer): Journal {
  return JSON.parse(brotliDecompressSync(packed).toString())
}
