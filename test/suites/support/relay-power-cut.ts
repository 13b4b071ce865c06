import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import BetterSqlite3 from "better-sqlite3"
import { createOutbox, type Relay, relayOutbox } from "#waystation"
import { Chance } from "../../../broker/testing/chance.ts"

export interface PowerCutFigures {
  cuts: number
  /** Cuts after which the whole commit frame stood in the file, unsynced, when the relay looked. */
  afterCommitFrame: number
  /** Published, and not there after recovery. */
  phantom: number
  /** There, and never published. */
  skipped: number
  published: number
}

const headerBytes = 32

/**
 * Plays the writes of a transaction into the log of a running service one by one, as the writer's process would have done
 * up to the power cut, and lets the relay look after each. Then the power goes: of what was not synced any part may have
 * reached the disk. SQLite recovers that, and every order that was published must be there.
 *
 * The main file is never written while it runs (no checkpoint), so the log is all that there is to lose.
 */
export async function cutPower(cuts: number, method: "polling" | "tailing", seed: number): Promise<PowerCutFigures> {
  const chance = new Chance(seed)
  const figures: PowerCutFigures = { cuts, afterCommitFrame: 0, phantom: 0, skipped: 0, published: 0 }
  for (let done = 0; done < cuts; done += cutsOfOneService)
    await cutService(Math.min(cutsOfOneService, cuts - done), method, chance, figures)
  return figures
}

/** The log of a service that never has a checkpoint grows, and is read whole at each cut. */
const cutsOfOneService = 50

async function cutService(cuts: number, method: "polling" | "tailing", chance: Chance, figures: PowerCutFigures): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "waystation-power-"))
  const main = emptyService(join(directory, "live.db"))
  const live = open(join(directory, "live.db"))
  const published = new Set<string>()
  const publish = async (messages: readonly { id: string }[]) => {
    for (const { id } of messages) published.add(id)
  }
  const { database } = open(join(directory, "live.db"))
  const relay = relayOutbox(database, { publish }, { method, intervalMs: 1_000, nudge: false })
  try {
    for (let cut = 0; cut < cuts; cut++) {
      for (let order = chance.integer(0, 2); order > 0; order--) place(live, `real-${cut}-${order}`, chance)
      await relay.idle()
      await untilQuiet(relay)
      const synced = readFileSync(join(directory, "live.db-wal"))
      const { at, writes } = nextTransaction(join(directory, "next.db"), main, synced, `lost-${cut}`, chance)
      const reached = chance.happens(0.5) ? writes.length : chance.integer(0, writes.length)
      for (let write = 0, offset = at; write < reached; write++) {
        const bytes = writes[write] ?? Buffer.alloc(0)
        writeAt(join(directory, "live.db-wal"), bytes, offset)
        offset += bytes.length
        await relay.idle()
      }
      if (reached === writes.length) figures.afterCommitFrame++
      const disk = Buffer.concat([synced.subarray(0, at), ...writes.slice(0, reached).map((bytes) => survivor(bytes, chance))])
      const there = recovered(join(directory, "after.db"), main, disk)
      figures.phantom += [...published].filter((id) => !there.has(id)).length
      figures.skipped += [...there].filter((id) => id.startsWith("real") && !published.has(id)).length
    }
    figures.published += published.size
  } finally {
    await relay.stop()
    database.close()
    live.database.close()
    rmSync(directory, { recursive: true, force: true })
  }
}

type Service = ReturnType<typeof open>

/** Makes the service's file and returns its bytes, taken while nobody has it open. */
function emptyService(path: string): Buffer {
  const { database } = open(path)
  database.exec("CREATE TABLE orders (id INTEGER PRIMARY KEY, message_id TEXT NOT NULL)")
  database.close()
  return readFileSync(path)
}

function open(path: string) {
  const database = new BetterSqlite3(path)
  const outbox = createOutbox(database)
  database.pragma("wal_autocheckpoint = 0")
  return { database, outbox }
}

function place({ database, outbox }: Service, id: string, chance: Chance): void {
  const body = "body ".repeat(chance.pick([1, 20, 2_000]))
  database.transaction(() => {
    database.prepare("INSERT INTO orders (message_id) VALUES (?)").run(id)
    outbox.send("orders", body, { id })
  })()
}

/** Lets the relay do what it still has to, its own position included: its writes must not mix with those played to it. */
async function untilQuiet(relay: Relay): Promise<void> {
  await relay.idle()
  await new Promise((resolve) => setImmediate(resolve))
  await relay.idle()
}

/** What one more order would write to the log after the given bytes, write by write: made on a copy. */
function nextTransaction(path: string, main: Buffer, log: Buffer, id: string, chance: Chance): { at: number; writes: Buffer[] } {
  writeFiles(path, main, log)
  const copy = open(path)
  place(copy, id, chance)
  const after = readFileSync(`${path}-wal`)
  copy.database.close()
  const frameBytes = 24 + after.readUInt32BE(8)
  // Frames behind the last commit are leavings; the new ones begin at the first that differs.
  let at = headerBytes
  while (at < log.length && after.subarray(at, at + frameBytes).equals(log.subarray(at, at + frameBytes))) at += frameBytes
  const writes: Buffer[] = []
  for (let frame = at; frame + frameBytes <= after.length; frame += frameBytes) {
    if (frame < log.length && after.subarray(frame, frame + frameBytes).equals(log.subarray(frame, frame + frameBytes))) break
    writes.push(after.subarray(frame, frame + 24), after.subarray(frame + 24, frame + frameBytes))
  }
  return { at, writes }
}

/** A write that was not synced may be on the disk, or in part, or not at all. */
function survivor(bytes: Buffer, chance: Chance): Buffer {
  const fate = chance.integer(0, 3)
  if (fate > 1) return bytes
  const kept = Buffer.from(bytes)
  return kept.fill(0, fate === 0 ? 0 : chance.integer(0, bytes.length))
}

function recovered(path: string, main: Buffer, log: Buffer): Set<string> {
  writeFiles(path, main, log)
  const database = new BetterSqlite3(path)
  try {
    return new Set(database.prepare("SELECT message_id FROM orders").pluck().all() as string[])
  } finally {
    database.close()
  }
}

function writeFiles(path: string, main: Buffer, log: Buffer): void {
  for (const suffix of ["-wal", "-shm", "-wake"]) rmSync(path + suffix, { force: true })
  writeFileSync(path, main)
  writeFileSync(`${path}-wal`, log)
}

function writeAt(path: string, bytes: Buffer, at: number): void {
  const file = openSync(path, "r+")
  writeSync(file, bytes, 0, bytes.length, at)
  closeSync(file)
}
