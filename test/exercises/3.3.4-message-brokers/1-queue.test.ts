import BetterSqlite3 from "better-sqlite3"
import { test } from "vitest"
import * as work from "#work/3.3.4-message-brokers/1-queue.ts"
import { words } from "../support/language.ts"
import { shown } from "../support/said.ts"
import { Wrong } from "../support/wrong.ts"
import { queueChecks } from "./conformance-queue.ts"
import { miniatureQueue, queueTable } from "./miniature-queue.ts"

for (const { task, title, check } of queueChecks) {
  test(`[${task}] ${title}`, () => check(miniatureQueue(work)))
}

test("[3] it says whether there was a message", async () => {
  const database = new BetterSqlite3(":memory:")
  database.exec(queueTable)
  const next = () => work.consumeNext(database, { now: 1_000, leaseMs: 10_000 }, async () => {})
  const none: unknown = await next()
  if (none !== false) throw new Wrong(words("큐가 비었는데 답이 {0:이에요/예요}", "the queue is empty, and the answer is {0}", shown(none)))
  work.send(database, "order-1")
  const one: unknown = await next()
  if (one !== true)
    throw new Wrong(words("메시지를 하나 처리했는데 답이 {0:이에요/예요}", "a message was handled, and the answer is {0}", shown(one)))
})
