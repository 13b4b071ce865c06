import { lastOutboxPosition, nextInOutbox } from "../outbox.ts"
import type { Store } from "../storage/store.ts"

interface Waiter {
  /** The last position that was committed when the waiting began; absent as long as it cannot be told. */
  through: number | undefined
  resolve: () => void
  reject: (error: Error) => void
}

/** Who waits for everything committed so far to be published. */
export class IdleWaiters {
  #waiters: Waiter[] = []

  add(store: Store | undefined): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#waiters.push({ through: store && committedThrough(store), resolve, reject })
    return promise
  }

  /** Resolves those for whom nothing is left: all was published, or the service deleted the rest. */
  settle(store: Store, published: number): void {
    if (this.#waiters.length === 0 || store.inTransaction) return
    const next = nextInOutbox(store, published)?.position ?? Number.POSITIVE_INFINITY
    const waiters = this.#waiters
    this.#waiters = []
    for (const waiter of waiters) {
      waiter.through ??= lastOutboxPosition(store)
      if (next > waiter.through) waiter.resolve()
      else this.#waiters.push(waiter)
    }
  }

  reject(error: Error): void {
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error)
  }
}

/** Inside a transaction of the caller's the connection also sees rows that may still be rolled back: it is asked later. */
function committedThrough(store: Store): number | undefined {
  try {
    return store.inTransaction ? undefined : lastOutboxPosition(store)
  } catch {
    // The relay is about to find out why.
    return undefined
  }
}
