import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import BetterSqlite3 from "better-sqlite3"
import { Chance } from "../../../broker/testing/chance.ts"
import type { Journal, JournalEntry } from "./write-journal.ts"

export interface PowerCutFigures {
  cuts: number
  /** Sends that were acknowledged before their cut, over all cuts. */
  acked: number
  lost: number
  /** Cuts after which something acknowledged was missing. */
  cutsWithLoss: number
  corrupt: number
}

const sectorBytes = 512

/** A file as a disk has it: what was synced, and what may or may not have got there since. */
class DiskFile {
  #durable: Buffer
  #pending: Exclude<JournalEntry, { does: "ack" | "sync" }>[] = []
  #exists = true

  constructor(durable: Buffer) {
    this.#durable = durable
  }

  change(entry: Exclude<JournalEntry, { does: "ack" | "sync" }>): void {
    this.#pending.push(entry)
  }

  sync(): void {
    for (const entry of this.#pending.splice(0)) this.#apply(entry)
  }

  /** After a power cut: each change since the last sync, in whatever order the disk took them, whole, in part or not at all. */
  afterCut(chance: Chance): Buffer | undefined {
    const disk = new DiskFile(Buffer.from(this.#durable))
    disk.#exists = this.#exists
    for (const entry of this.#pending) {
      const fate = chance.integer(0, 2)
      if (fate === 0) continue
      disk.#apply(fate === 1 && entry.does === "write" ? torn(entry, chance) : entry)
    }
    return disk.#exists ? disk.#durable : undefined
  }

  #apply(entry: Exclude<JournalEntry, { does: "ack" | "sync" }>): void {
    if (entry.does === "remove") {
      this.#durable = Buffer.alloc(0)
      this.#exists = false
    } else if (entry.does === "truncate") {
      this.#durable = resized(this.#durable, entry.bytes)
    } else {
      const bytes = Buffer.from(entry.hex, "hex")
      this.#exists = true
      if (this.#durable.length < entry.at + bytes.length) this.#durable = resized(this.#durable, entry.at + bytes.length)
      bytes.copy(this.#durable, entry.at)
    }
  }
}

function resized(buffer: Buffer, bytes: number): Buffer {
  const next = Buffer.alloc(bytes)
  buffer.copy(next, 0, 0, Math.min(buffer.length, bytes))
  return next
}

/** A disk writes sectors, not pages: the power may go between two of them. */
function torn(entry: JournalEntry & { does: "write" }, chance: Chance): JournalEntry & { does: "write" } {
  const sectors = chance.integer(0, Math.floor(entry.hex.length / 2 / sectorBytes))
  return { ...entry, hex: entry.hex.slice(0, sectors * sectorBytes * 2) }
}

/** Lets the power go at so many points of the journal, recovers what each leaves on the disk, and counts what is missing. */
export function cutPower(journal: Journal, cuts: number, seed: number): PowerCutFigures {
  const chance = new Chance(seed)
  const figures: PowerCutFigures = { cuts, acked: 0, lost: 0, cutsWithLoss: 0, corrupt: 0 }
  const points = Array.from({ length: cuts }, () => chance.integer(1, journal.entries.length)).sort((one, other) => one - other)
  const directory = mkdtempSync(join(tmpdir(), "waystation-power-"))
  const main = new DiskFile(Buffer.from(journal.before, "hex"))
  const log = new DiskFile(Buffer.alloc(0))
  const acked: string[] = []
  let done = 0
  try {
    for (const point of points) {
      for (; done < point; done++) play(journal.entries[done] as JournalEntry, main, log, acked)
      const found = recovered(directory, main.afterCut(chance), log.afterCut(chance))
      figures.acked += acked.length
      if (!found) figures.corrupt++
      const lost = acked.filter((id) => !found?.has(id)).length
      figures.lost += lost
      if (lost > 0) figures.cutsWithLoss++
    }
    return figures
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

function play(entry: JournalEntry, main: DiskFile, log: DiskFile, acked: string[]): void {
  if (entry.does === "ack") {
    acked.push(entry.id)
    return
  }
  const file = entry.file === "broker.db" ? main : log
  if (entry.does === "sync") file.sync()
  else file.change(entry)
}

/** The ids in the file after SQLite's recovery; `undefined` if the file is damaged. */
function recovered(directory: string, main: Buffer | undefined, log: Buffer | undefined): Set<string> | undefined {
  const path = join(directory, "broker.db")
  for (const suffix of ["", "-wal", "-shm"]) rmSync(path + suffix, { force: true })
  writeFileSync(path, main ?? Buffer.alloc(0))
  if (log) writeFileSync(`${path}-wal`, log)
  const database = new BetterSqlite3(path)
  try {
    if (database.pragma("integrity_check", { simple: true }) !== "ok") return undefined
    return new Set(database.prepare("SELECT message_id FROM waystation_message").pluck().all() as string[])
  } catch {
    return undefined
  } finally {
    database.close()
  }
}
