/** A defect as somebody might make it: one place in the broker, changed. */
export interface Defect {
  readonly name: string
  /** The guarantee (README, "Guarantees") that it breaks. */
  readonly guarantee: number
  readonly file: string
  /** Stands in the file exactly once. */
  readonly find: string
  readonly replace: string
}

export const defects: readonly Defect[] = [
  {
    name: "send resolves before its commit",
    guarantee: 1,
    file: "sender.ts",
    find: "return commit.add(() => this.#append(messages)).then(() => messages.map((message) => message.stored.message_id))",
    replace:
      "commit.add(() => this.#append(messages)).catch(() => {}); return Promise.resolve(messages.map((message) => message.stored.message_id))",
  },
  {
    name: "a write that failed is reported as done",
    guarantee: 1,
    file: "commit.ts",
    find: "job.reject(error)",
    replace: "job.resolve([] as never)",
  },
  {
    name: "sends of one turn are committed last first",
    guarantee: 1,
    file: "commit.ts",
    find: "...this.#jobs.splice(0, jobsPerCommitMax)",
    replace: "...this.#jobs.splice(0, jobsPerCommitMax).reverse()",
  },
  {
    name: "a rolled back send is announced",
    guarantee: 1,
    file: "storage/store.ts",
    find: "this.#effects = []\n      if (this.inTransaction)",
    replace: "this.#runEffects()\n      if (this.inTransaction)",
  },
  {
    name: "acknowledged before the handler is done",
    guarantee: 2,
    file: "claim-loop.ts",
    find: "else this.#handle(delivery)",
    replace: 'else { this.#settle(delivery, { kind: "ack" }); this.#handle(delivery) }',
  },
  {
    name: "a dead consumer's lease is never looked at again",
    guarantee: 2,
    file: "deliveries.ts",
    find: 'SELECT visible_at FROM waystation_delivery WHERE queue = ? ORDER BY visible_at LIMIT 1"',
    replace: 'SELECT visible_at FROM waystation_delivery WHERE queue = ? AND token IS NULL ORDER BY visible_at LIMIT 1"',
  },
  {
    name: "a topic's message goes to its first subscription alone",
    guarantee: 2,
    file: "deliveries.ts",
    find: "SELECT id, ?, ?, 0 FROM waystation_queue",
    replace: "SELECT min(id), ?, ?, 0 FROM waystation_queue",
  },
  {
    name: "an attempt is not counted",
    guarantee: 3,
    file: "deliveries.ts",
    find: "attempt = attempt + 1",
    replace: "attempt = max(attempt, 1)",
  },
  {
    name: "leases that are still running are handed out again",
    guarantee: 3,
    file: "deliveries.ts",
    find: ".run(until, token, queue, store.now(), ",
    replace: ".run(until, token, queue, store.now() + 900, ",
  },
  {
    name: "a late settle goes by the message alone",
    guarantee: 3,
    file: "deliveries.ts",
    find: 'DELETE FROM waystation_delivery WHERE queue = ? AND visible_at = ? AND message = ? AND token = ? AND visible_at > ?"',
    replace: 'DELETE FROM waystation_delivery WHERE queue = ? AND ? AND message = ? AND ? AND ?"',
  },
  {
    name: "messages of one key are due side by side",
    guarantee: 4,
    file: "deliveries.ts",
    find: "const held = orderKey !== null && hasKey(store, queue.id, orderKey)",
    replace: "const held = false",
  },
  {
    name: "the next message of a key is never promoted",
    guarantee: 4,
    file: "deliveries.ts",
    find: "if (lease.order_key !== null) promoteNext(store, lease.queue, lease.order_key)",
    replace: "",
  },
  {
    name: "messages of a partition's key are handled side by side",
    guarantee: 4,
    file: "group-source.ts",
    find: "if (busy.has(key)) {",
    replace: "if (busy.has(key) && position < 0) {",
  },
  {
    name: "the next message of a failed key goes ahead",
    guarantee: 4,
    file: "group-source.ts",
    find: "if (partition.retries !== null && hasKey(store, partition.retries, key)) {",
    replace: "if (partition.retries !== null && position < 0) {",
  },
  {
    name: "what a dead member had started is forgotten",
    guarantee: 5,
    file: "group-retry.ts",
    find: "if (row) setAside(context, group, partition.number, row, { attempt: 1, visibleAt: store.now() })",
    replace: "void row",
  },
  {
    name: "the cursor passes what is only started",
    guarantee: 5,
    file: "cursor.ts",
    find: 'while (this.ahead[done] === "d") done++',
    replace: 'while (this.ahead[done] === "d" || this.ahead[done] === "s") done++',
  },
  {
    name: "a partition is taken from an owner that is still at work",
    guarantee: 5,
    file: "group.ts",
    find: "owner: owners[index] ?? targets[index] ?? null",
    replace: "owner: targets[index] ?? null",
  },
  {
    name: "effect and acknowledgement in two transactions",
    guarantee: 6,
    file: "claim-loop.ts",
    find: 'if (delivery.settle({ kind: "ack" }) !== "lost") return handler(delivery, store.database)',
    replace: 'commit.add(() => delivery.settle({ kind: "ack" })).catch(() => {}); return handler(delivery, store.database)',
  },
  {
    name: "the outbox writes after the commit",
    guarantee: 7,
    file: "outbox.ts",
    find: "if (store.inTransaction) insert()",
    replace: "if (store.inTransaction) store.afterCommit(insert)",
  },
  {
    name: "the relay saves its position before it publishes",
    guarantee: 7,
    file: "relay/relay.ts",
    find: "const refusal = await this.#publish(messages, lease)",
    replace: "this.#unsaved = rows; await this.#save(lease); const refusal = await this.#publish(messages, lease)",
  },
  {
    name: "the relay goes on past what was refused",
    guarantee: 7,
    file: "relay/relay.ts",
    find: "if (refusal) return this.#backOff(refusal.error)",
    replace: "if (refusal) this.#backOff(refusal.error)",
  },
  {
    name: "a repeated id is stored again",
    guarantee: 7,
    file: "recent-ids.ts",
    find: "if (changes === 0) return true",
    replace: "",
  },
  {
    name: "the inbox remembers in one transaction and acts in another",
    guarantee: 6,
    file: "inbox.ts",
    find: "return effect(store.database)\n    })",
    replace: "})\n    if (isNew) effect(store.database)",
  },
  {
    name: "who meets another's lock gives up",
    guarantee: 8,
    file: "storage/store.ts",
    find: "if (isBusy(error)) return undefined",
    replace: "",
  },
]
