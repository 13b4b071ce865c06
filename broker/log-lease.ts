import { backoffMs } from "./backoff.ts"
import type { BrokerContext } from "./context.ts"
import { finishStarted, holdsCursor, isStarted } from "./cursor.ts"
import type { Lease, Outcome, Settled } from "./delivery.ts"
import { type GroupRow, stayInGroup } from "./group.ts"
import { buryLogged, setAside } from "./group-retry.ts"
import type { LogRow } from "./log.ts"
import type { LeasePolicy } from "./queue-source.ts"

/** A message read from the log. It is its member's while the partition is. */
export class LogLease implements Lease {
  readonly row: LogRow & { attempt: number }
  readonly partition: number
  readonly offset: number
  readonly #context: BrokerContext
  readonly #group: GroupRow
  readonly owned: { partition: number; generation: number; position: number }
  readonly #policy: LeasePolicy
  readonly #member: number

  constructor(
    context: BrokerContext,
    group: GroupRow,
    owned: { id: number; number: number; generation: number },
    row: LogRow,
    policy: LeasePolicy,
    member: number,
  ) {
    const leased = row as LogRow & { attempt: number }
    leased.attempt = 1
    this.row = leased
    this.partition = owned.number
    this.offset = row.position
    this.#context = context
    this.#group = group
    this.owned = { partition: owned.id, generation: owned.generation, position: row.position }
    this.#policy = policy
    this.#member = member
  }

  settle(outcome: Outcome): Settled {
    const { store, wake } = this.#context
    if (!finishStarted(store, this.#group.id, this.owned)) return "lost"
    if (outcome.kind === "ack") return "acked"
    if (outcome.kind === "dead-letter" || this.#policy.attemptsMax === 1) {
      buryLogged(store, this.#group, this.partition, this.row, 1, outcome.reason ?? "refused")
      return "dead-lettered"
    }
    const delayMs = outcome.delayMs ?? backoffMs(1, this.#policy.backoff, store.random)
    setAside(store, this.#group, this.partition, this.row, { attempt: 1, visibleAt: store.now() + delayMs })
    store.afterCommit(() => wake.signal(this.#group.channel))
    return "nacked"
  }

  extend(until: number): boolean {
    const { store } = this.#context
    const { partition, generation } = this.owned
    return holdsCursor(store, this.#group.id, partition, generation) && stayInGroup(store, this.#member, Math.ceil(until))
  }

  isHeld(): boolean {
    return isStarted(this.#context.store, this.#group.id, this.owned)
  }
}
