// ko: 끝난 주문의 재시도에도 409로 답한다. 응답을 잃은 클라이언트는 자기 주문을 알 수 없다
// en: Answers 409 to the retry of an order that is done: a client that lost the answer never learns of its order
// caught by: [6]
import { isDeepStrictEqual } from "node:util"
import type { Hono } from "hono"

export type Draft = { readonly customerId: string; readonly dishes: readonly { readonly dish: string; readonly quantity: number }[] }
export type Order = Draft & { readonly id: string; readonly totalWon: number }
/** What goes back to the client. `Response.json(body, { status, headers })` makes a response of it. */
export type Answer = { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: unknown }
/** What is kept under an idempotency key: what was asked and what was answered. */
export type Kept = { readonly draft: Draft; readonly answer: Answer }

/** The order service's SQLite file. Outside `transaction` each call is saved on its own. */
export interface Store {
  transaction<Value>(work: () => Value): Value // synchronous; everything in it is saved, or nothing
  insert(draft: Draft, totalWon: number): Order
  kept(key: string): Kept | undefined
  keep(key: string, kept: Kept): void // once for each key: a second time it throws
}

/** Another service. Takes its time, and rejects when it is down. */
export interface Menu {
  total(draft: Draft): Promise<number>
}

/** Task 4. Look, order and answer are one transaction: the order is there if and only if its answer is, whenever the process dies. */
export function placeOnce(store: Store, key: string, draft: Draft, totalWon: number): Answer {
  return store.transaction(() => {
    const kept = store.kept(key)
    if (kept) return isRetry(kept, draft) ? kept.answer : { status: 422, headers: {}, body: { title: "This key has another order." } }
    const order = store.insert(draft, totalWon)
    const answer = { status: 201, headers: { Location: `/orders/${order.id}` }, body: order }
    store.keep(key, { draft, answer })
    return answer
  })
}

/** Task 5. By what it says and not by its letters: a client may write the same order another way. */
export function isRetry(kept: Kept, draft: Draft): boolean {
  return isDeepStrictEqual(kept.draft, draft)
}

/** Task 6. All waiting comes before the transaction; a failure is answered and not kept, because nothing happened. */
export function serveOrders(app: Hono, store: Store, menu: Menu): void {
  app.post("/orders", async (c) => {
    const key = c.req.header("Idempotency-Key")
    if (!key) return c.json({ title: "Idempotency-Key is missing." }, 400)
    const draft = await c.req.json<Draft>()
    const totalWon = await menu.total(draft).catch(() => undefined)
    if (totalWon === undefined) return c.json({ title: "The menu cannot be asked now." }, 503)
    if (store.kept(key)) return c.json({ title: "This key was used." }, 409)
    const { status, headers, body } = placeOnce(store, key, draft, totalWon)
    return Response.json(body, { status, headers })
  })
}
