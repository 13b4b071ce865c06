/** A defect as somebody might make it: one place in the broker, changed. */
export interface Defect {
  readonly name: string
  /** The guarantee (README, "Guarantees") that it breaks. */
  readonly guarantee: number
  /** Which life of the simulation shows it, and with which seed: the first that did when this was written. */
  readonly life: "shop" | "warehouse"
  readonly seed: number
  readonly file: string
  /** What stands in the file exactly once, and what stands there instead. */
  readonly changes: readonly (readonly [find: string, replace: string])[]
}

export const defects: readonly Defect[] = [
  {
    name: "send resolves before its commit",
    guarantee: 1,
    life: "warehouse",
    seed: 8,
    file: "sender.ts",
    changes: [
      [
        "return commit.addTogether(work, prepare())",
        "const { promise, resolve } = Promise.withResolvers<Result>(); commit.addTogether((items: readonly Item[]) => { const results = work(items); resolve(results[0] as Result); return results }, prepare()).catch(() => {}); return promise",
      ],
    ],
  },
  {
    name: "a write that failed is reported as done",
    guarantee: 1,
    life: "shop",
    seed: 23,
    file: "commit.ts",
    changes: [["job.reject(error)", "job.resolve([] as never)"]],
  },
  {
    name: "sends of one turn are committed last first",
    guarantee: 1,
    life: "warehouse",
    seed: 1,
    file: "commit.ts",
    changes: [["...this.#jobs.splice(0, jobsPerCommitMax)", "...this.#jobs.splice(0, jobsPerCommitMax).reverse()"]],
  },
  {
    name: "a rolled back send is announced",
    guarantee: 1,
    life: "shop",
    seed: 36,
    file: "storage/store.ts",
    changes: [
      [
        "this.#effects = []\n      if (this.inTransaction)",
        "for (const effect of this.#effects.splice(0)) effect.run()\n      if (this.inTransaction)",
      ],
    ],
  },
  {
    name: "acknowledged before the handler is done",
    guarantee: 2,
    life: "shop",
    seed: 1,
    file: "claim-loop.ts",
    changes: [["else this.#handle(delivery)", 'else { this.#settle(delivery, { kind: "ack" }); this.#handle(delivery) }']],
  },
  {
    name: "a dead consumer's lease is never looked at again",
    guarantee: 2,
    life: "shop",
    seed: 17,
    file: "deliveries.ts",
    changes: [
      [
        "SELECT visible_at FROM waystation_delivery WHERE queue = ${boundInteger} ORDER BY visible_at LIMIT 1",
        "SELECT visible_at FROM waystation_delivery WHERE queue = ${boundInteger} AND token IS NULL ORDER BY visible_at LIMIT 1",
      ],
    ],
  },
  {
    name: "a topic's message goes to its first subscription alone",
    guarantee: 2,
    life: "shop",
    seed: 1,
    file: "deliveries.ts",
    changes: [["JSON.stringify(queues.map((queue) => queue.id))", "JSON.stringify([queues[0]?.id])"]],
  },
  {
    name: "an attempt is not counted",
    guarantee: 3,
    life: "shop",
    seed: 3,
    file: "deliveries.ts",
    changes: [
      [
        "attempt = attempt + 1, token = ?\n  WHERE queue = ${boundInteger} AND (visible_at",
        "token = ?\n  WHERE queue = ${boundInteger} AND (visible_at",
      ],
      ["row.attempt++", ""],
    ],
  },
  {
    name: "leases that are still running are handed out again",
    guarantee: 3,
    life: "shop",
    seed: 2,
    file: "deliveries.ts",
    changes: [[".all(queue.id, store.now(), max)", ".all(queue.id, store.now() + 1_000, max)"]],
  },
  {
    name: "a late settle goes by the message alone",
    guarantee: 3,
    life: "shop",
    seed: 199,
    file: "deliveries.ts",
    changes: [
      [
        'WHERE queue = ? AND visible_at = ? AND message = ? AND token = ? AND attempt = ? AND visible_at > ?",\n    )\n    .run(lease.queue, lease.visible_at, lease.message, lease.token, lease.attempt, store.now())',
        'WHERE queue = ? AND message = ?",\n    )\n    .run(lease.queue, lease.message)',
      ],
    ],
  },
  {
    name: "messages of one key are due side by side",
    guarantee: 4,
    life: "shop",
    seed: 2,
    file: "deliveries.ts",
    changes: [["const held = orderKey !== null && hasKey(store, queue.id, orderKey)", "const held = false"]],
  },
  {
    name: "the next message of a key is never promoted",
    guarantee: 4,
    life: "shop",
    seed: 1,
    file: "deliveries.ts",
    changes: [["if (lease.order_key !== null) promoteNext(store, lease.queue, lease.order_key)", ""]],
  },
  {
    name: "messages of a partition's key are handled side by side",
    guarantee: 4,
    life: "warehouse",
    seed: 1,
    file: "group-source.ts",
    changes: [["if (busy.has(key)) {", "if (busy.has(key) && position < 0) {"]],
  },
  {
    name: "the next message of a failed key goes ahead",
    guarantee: 4,
    life: "warehouse",
    seed: 3,
    file: "group-source.ts",
    changes: [
      ["if (partition.retries !== null && hasKey(store, partition.retries, key)) {", "if (partition.retries !== null && position < 0) {"],
    ],
  },
  {
    name: "what a dead member had started is forgotten",
    guarantee: 5,
    life: "warehouse",
    seed: 8,
    file: "group-retry.ts",
    changes: [["if (row) setAside(", "if (row && position < 0) setAside("]],
  },
  {
    name: "the cursor passes what is only started",
    guarantee: 5,
    life: "warehouse",
    seed: 1,
    file: "cursor.ts",
    changes: [['while (this.#ahead[done] === "d") done++', 'while (this.#ahead[done] === "d" || this.#ahead[done] === "s") done++']],
  },
  {
    name: "a partition is taken from an owner that is still at work",
    guarantee: 5,
    life: "warehouse",
    seed: 65,
    file: "group.ts",
    changes: [["owner: owners[index] ?? targets[index] ?? null", "owner: targets[index] ?? null"]],
  },
  {
    name: "effect and acknowledgement in two transactions",
    guarantee: 6,
    life: "shop",
    seed: 36,
    file: "claim-loop.ts",
    changes: [
      [
        'if (delivery.settle({ kind: "ack" }) !== "lost") return handler(delivery, store.database)',
        'commit.add(() => delivery.settle({ kind: "ack" })).catch(() => {}); return handler(delivery, store.database)',
      ],
    ],
  },
  {
    name: "the outbox writes after the commit",
    guarantee: 7,
    life: "shop",
    seed: 18,
    file: "outbox.ts",
    changes: [["if (store.inTransaction) insert()", "if (store.inTransaction) store.afterCommit(insert)"]],
  },
  {
    name: "the relay saves its position before it publishes",
    guarantee: 7,
    life: "shop",
    seed: 14,
    file: "relay/relay.ts",
    changes: [
      [
        "const refusal = await this.#publish(messages, lease)",
        "this.#unsaved = rows; await this.#save(lease); const refusal = await this.#publish(messages, lease)",
      ],
    ],
  },
  {
    name: "the relay goes on past what was refused",
    guarantee: 7,
    life: "shop",
    seed: 14,
    file: "relay/relay.ts",
    changes: [["if (refusal) {", "if (refusal && rows.length === 0) {"]],
  },
  {
    name: "a repeated id is stored again",
    guarantee: 7,
    life: "shop",
    seed: 11,
    file: "recent-ids.ts",
    changes: [["if (changes === 0) return true", ""]],
  },
  {
    name: "the inbox remembers in one transaction and acts in another",
    guarantee: 6,
    life: "shop",
    seed: 84,
    file: "inbox.ts",
    changes: [["return effect(store.database)\n    })", "})\n    if (isNew) effect(store.database)"]],
  },
  {
    name: "who meets another's lock gives up",
    guarantee: 8,
    life: "shop",
    seed: 11,
    file: "storage/store.ts",
    changes: [["if (isBusy(error)) return undefined", ""]],
  },
]
