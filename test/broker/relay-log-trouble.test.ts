import { execFileSync } from "node:child_process"
import { mkdirSync, renameSync, rmSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { relayOutbox } from "#waystation"
import { CollectingPublisher, Service } from "./support/service.ts"
import { refusal, settles } from "./support/waiting.ts"

describe("a relay by tailing whose log is in trouble", () => {
  test("goes on when the database comes back to WAL mode", async () => {
    using service = new Service()
    const published = new CollectingPublisher()
    await using relay = relayOutbox(service.database, published, { method: "tailing", intervalMs: 5 })
    service.place(1)
    await settles(relay.idle(), "idle()")
    service.database.pragma("journal_mode = DELETE")
    service.place(2)
    expect(await refusal(() => settles(relay.idle(), "idle()"))).toMatchObject({ code: "NOT_WAL" })
    service.database.pragma("journal_mode = WAL")
    service.place(3)
    await settles(relay.idle(), "idle()")
    expect(published.ids).toEqual(["order-1", "order-2", "order-3"])
  })

  test("says when it is not allowed to read the log, and goes on when it is", async () => {
    using service = new Service()
    const published = new CollectingPublisher()
    await using relay = relayOutbox(service.path, published, { method: "tailing", intervalMs: 5 })
    service.place(1)
    await settles(relay.idle(), "idle()")
    // SQLite has its log open; by name there is something else now that cannot be read.
    renameSync(`${service.path}-wal`, `${service.path}-wal.away`)
    mkdirSync(`${service.path}-wal`)
    service.place(2)
    const error = await refusal(() => settles(relay.idle(), "idle()"))
    expect(error).toMatchObject({ code: "CANNOT_OPEN", message: expect.stringMatching(/cannot be read/) })
    rmSync(`${service.path}-wal`, { recursive: true })
    renameSync(`${service.path}-wal.away`, `${service.path}-wal`)
    await settles(relay.idle(), "idle()")
    expect(published.ids).toEqual(["order-1", "order-2"])
  })

  test("does not depend on being able to read the log: what it cannot read it asks for", async () => {
    using service = new Service()
    const published = new CollectingPublisher()
    await using relay = relayOutbox(service.path, published, { method: "tailing", intervalMs: 5 })
    service.place(1)
    await settles(relay.idle(), "idle()")
    // SQLite has its log open; whoever opens it by name now finds another file.
    renameSync(`${service.path}-wal`, `${service.path}-wal.away`)
    execFileSync("sh", ["-c", `head -c 5000 /dev/urandom > '${service.path}-wal'`])
    service.place(2)
    await settles(relay.idle(), "idle()")
    renameSync(`${service.path}-wal.away`, `${service.path}-wal`)
    service.place(3)
    await settles(relay.idle(), "idle()")
    expect(published.ids).toEqual(["order-1", "order-2", "order-3"])
  })
})
