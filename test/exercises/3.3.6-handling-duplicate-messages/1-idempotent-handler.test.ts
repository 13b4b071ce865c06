import BetterSqlite3 from "better-sqlite3"
import { test } from "vitest"
import * as work from "#work/3.3.6-handling-duplicate-messages/1-idempotent-handler.ts"
import { failure } from "../support/anomaly.ts"
import { pick, seed, seeded } from "../support/chance.ts"
import { code, type Words, words } from "../support/language.ts"

const statuses = ["CREATED", "PAID", "CANCELLED"] as const

const event = (order: number, version: number): work.OrderEvent => ({
  orderId: `order-${order}`,
  version,
  status: statuses[version - 1] ?? "CREATED",
})

const shown = ({ orderId, version, status }: work.OrderEvent) => code(`${orderId} ${status} (${version})`)

function play(events: readonly work.OrderEvent[]): void {
  const database = new BetterSqlite3(":memory:")
  database.exec("CREATE TABLE order_view (order_id TEXT PRIMARY KEY, status TEXT NOT NULL, version INTEGER NOT NULL) STRICT")
  const steps: Words[] = []
  const newest = new Map<string, work.OrderEvent>()
  for (const [index, now] of events.entries()) {
    const again = events.slice(0, index).some((other) => other.orderId === now.orderId && other.version === now.version)
    steps.push(again ? words("{0:이/가} 다시 와요", "{0} comes again", shown(now)) : words("{0:이/가} 와요", "{0} comes", shown(now)))
    work.handleOrder(database, now)
    if (now.version > (newest.get(now.orderId)?.version ?? 0)) newest.set(now.orderId, now)
    for (const expected of newest.values()) {
      const row = database
        .prepare<[string], { status: string; version: number }>("SELECT status, version FROM order_view WHERE order_id = ?")
        .get(expected.orderId)
      if (row?.status === expected.status && row.version === expected.version) continue
      const is = row ? `${row.status} (${row.version})` : "–"
      steps.push(words("order_view의 {0}: {1}", "{0} in order_view: {1}", expected.orderId, is))
      const headline = words(
        "{0:은/는} {1:이어야/여야} 하는데 {2:이에요/예요}",
        "{0} should be {1}, and is {2}",
        code(expected.orderId),
        `${expected.status} (${expected.version})`,
        is,
      )
      throw failure(again ? "DUPLICATED" : "LOST", headline, steps)
    }
  }
}

test("[1] the newest state is kept", () => {
  play([event(7, 1)])
  play([event(7, 1), event(7, 2), event(7, 3)])
  play([event(7, 1), event(8, 1), event(8, 2), event(7, 2)])
})

test("[1] an event that comes again changes nothing", () => {
  play([event(7, 1), event(7, 1)])
  play([event(7, 1), event(7, 2), event(7, 2), event(7, 3), event(7, 3)])
})

test("[1] nor does one that comes again late", () => {
  play([event(7, 1), event(7, 2), event(7, 1)])
  play([event(7, 1), event(7, 2), event(7, 3), event(7, 2)])
  const random = seeded(seed())
  for (let round = 0; round < 50; round++) {
    const came: work.OrderEvent[] = []
    while (came.length < 12) {
      const order = pick(random, [7, 8])
      const versions = came.filter((one) => one.orderId === `order-${order}`).map((one) => one.version)
      const next = Math.max(0, ...versions) + 1
      came.push(event(order, random() < 0.5 && next <= 3 ? next : pick(random, versions.length > 0 ? versions : [1])))
    }
    play(came)
  }
})
