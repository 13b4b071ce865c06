import { BrokerError } from "../errors.ts"
import { pruneOutbox } from "../outbox.ts"
import { isBusy, sqliteCode } from "../storage/database.ts"
import type { Store } from "../storage/store.ts"

/** Somebody else is writing: another connection, or the caller on the connection that it shares with the relay. */
export function isLocked(error: unknown): boolean {
  return isBusy(error) || sqliteCode(error) === "SQLITE_LOCKED" || (error instanceof BrokerError && error.code === "LOCKED")
}

interface RelayRow {
  published: number
  token: number
  leased_at: number
  leased_until: number
}

/** The lock is asked for this often in a row, then the relay looks around: it may have been told to stop. */
const lockAttemptsMax = 200

/**
 * Who publishes, and how far it is: one row in the service's database. Of several relays on one outbox the holder of the
 * lease publishes; each lease has a token, and what the holder of an earlier one wants to save is refused.
 */
export class RelayLease {
  readonly #store: Store
  readonly #leaseMs: number
  #token: number | undefined
  #renewAt = 0
  #endsAt = 0
  #othersEndAt = 0
  #published = 0

  /** @param token of a lease that was held on an earlier connection, and may still be good */
  constructor(store: Store, leaseMs: number, token: number | undefined) {
    this.#store = store
    this.#leaseMs = leaseMs
    this.#token = token
  }

  get token(): number | undefined {
    return this.#token
  }

  /** Position of the last published row, as far as is known here; `refresh` asks the database. */
  get published(): number {
    return this.#published
  }

  /** Whether this relay may publish at this very moment. */
  get held(): boolean {
    const now = this.#store.now()
    // Time that went back is no reason to hold a lease for longer than it was given.
    return this.#token !== undefined && now < this.#endsAt && now > this.#endsAt - 2 * this.#leaseMs
  }

  get renewInMs(): number {
    return Math.max(this.#renewAt - this.#store.now(), 1)
  }

  /** When the lease that another relay was seen to hold runs out, unless it is renewed. */
  get othersEndInMs(): number {
    return Math.max(this.#othersEndAt - this.#store.now(), 1)
  }

  refresh(): number {
    const row = this.#row()
    this.#published = row.published
    return row.published
  }

  /** Renews the lease when it is time, or takes it when nobody has it. Returns whether it is held then. */
  async hold(): Promise<boolean> {
    if (this.held && this.#store.now() < this.#renewAt) return true
    if (this.#token !== undefined && (await this.#renew())) return true
    this.#token = undefined
    if (this.#isTaken(this.#row())) return false
    return this.#take()
  }

  /** Records what was published and forgets its rows. Returns false, and changes nothing, if the lease was lost. */
  async save(published: number): Promise<boolean> {
    const token = this.#token
    if (token === undefined) return false
    return this.#write((now, until) => {
      const { changes } = this.#store
        .sql("UPDATE waystation_relay SET published = ?, leased_at = ?, leased_until = ? WHERE id = 1 AND token = ?")
        .run(published, now, until, token)
      if (changes === 0) return this.#lose()
      pruneOutbox(this.#store, published)
      return () => {
        this.#published = published
        this.#granted(token, until)
      }
    })
  }

  /** Lets another relay begin at once. */
  async release(): Promise<void> {
    const token = this.#token
    this.#token = undefined
    if (token === undefined) return
    await this.#write(() => {
      this.#store.sql("UPDATE waystation_relay SET leased_until = 0 WHERE id = 1 AND token = ?").run(token)
      return () => {}
    })
  }

  /** Renews the lease again and again until the returned function is called. A lost one is not taken anew. */
  keep(): () => void {
    let ended = false
    let cancel = () => {}
    const again = () => {
      if (ended || this.#token === undefined) return
      cancel = this.#store.clock.setTimer(this.#leaseMs / 3, () => void this.#renew().then(again, again))
    }
    again()
    return () => {
      ended = true
      cancel()
    }
  }

  async #renew(): Promise<boolean> {
    const token = this.#token as number
    return this.#write((now, until) => {
      const row = this.#store
        .sql<{ published: number }>(
          "UPDATE waystation_relay SET leased_at = ?, leased_until = ? WHERE id = 1 AND token = ? RETURNING published",
        )
        .get(now, until, token)
      if (!row) return this.#lose()
      return () => {
        this.#published = row.published
        this.#granted(token, until)
      }
    })
  }

  async #take(): Promise<boolean> {
    return this.#write((now, until) => {
      const row = this.#row()
      if (this.#isTaken(row)) return undefined
      const token = row.token + 1
      this.#store.sql("UPDATE waystation_relay SET token = ?, leased_at = ?, leased_until = ? WHERE id = 1").run(token, now, until)
      return () => {
        this.#published = row.published
        this.#granted(token, until)
      }
    })
  }

  #granted(token: number, until: number): void {
    this.#token = token
    this.#endsAt = until
    this.#renewAt = until - this.#leaseMs / 2
  }

  #lose(): undefined {
    this.#token = undefined
  }

  /** A lease that begins in the future was given before the clock was set back: nobody waits for that hour to come. */
  #isTaken(row: RelayRow): boolean {
    const now = this.#store.now()
    const lengthMs = row.leased_until - row.leased_at
    this.#othersEndAt = row.leased_until
    return now < row.leased_until && now > row.leased_at - lengthMs
  }

  #row(): RelayRow {
    return this.#store
      .sql<RelayRow>("SELECT published, token, leased_at, leased_until FROM waystation_relay WHERE id = 1")
      .get() as RelayRow
  }

  /** `work` returns what is to be remembered once the transaction has committed, or undefined if it was in vain. */
  async #write(work: (now: number, until: number) => (() => void) | undefined): Promise<boolean> {
    const store = this.#store
    for (let attempt = 1; attempt <= lockAttemptsMax; attempt++) {
      // In a transaction that the caller has open, what is saved here would be lost with the caller's rollback.
      const done = store.inTransaction
        ? undefined
        : store.tryTransaction(() => {
            const now = store.now()
            return work(now, now + Math.ceil(this.#leaseMs))
          })
      done?.result?.()
      if (done) return done.result !== undefined
      // Most hold the lock for one commit: the first wait is short, since what comes next waits for this one.
      await new Promise<void>((resolve) => void store.clock.setTimer(1 + store.random() * Math.min(attempt - 1, 4), resolve))
    }
    throw new BrokerError("LOCKED", `Another writer has held the lock of "${store.database.name}" all the time: nothing was changed.`)
  }
}
