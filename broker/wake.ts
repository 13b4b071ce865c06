import { closeSync, constants, type FSWatcher, openSync, realpathSync, watch, writeSync } from "node:fs"
import type { Database } from "./storage/database.ts"
import type { Store } from "./storage/store.ts"

/** How soon a change by another process is noticed when its nudge was lost. 20 looks a second cost about 0.5 % of a core. */
const pollMs = 50

/** Brokers and outboxes on one handle: SQLite's data_version does not move for changes of the own connection. */
const wakesOfHandle = new WeakMap<Database, Set<Wake>>()

/**
 * Tells consumers that something may be there for them. A hint and no more: the database is the truth, and who is
 * woken for nothing looks, finds nothing and sleeps on.
 *
 * Inside the process a commit wakes the listeners of its channels. Across processes the writer touches a small file
 * beside the database after each commit (half a millisecond to the listener), and each listener looks at SQLite's
 * data_version now and then, because a file watcher may miss. The database's own files are never watched: the
 * log changes before its commit can be seen.
 */
export class Wake {
  readonly #store: Store
  readonly #listeners = new Map<number, Set<() => void>>()
  readonly #path: string | undefined
  readonly #due = new Set<number>()
  #nudgeFile: number | undefined
  #watcher: FSWatcher | undefined
  #cancelPoll: (() => void) | undefined
  #dataVersion: unknown

  constructor(store: Store) {
    this.#store = store
    const { name, memory } = store.database
    this.#path = memory || name === "" ? undefined : `${realpathSync(name)}-wake`
    const wakes = wakesOfHandle.get(store.database) ?? new Set()
    wakesOfHandle.set(store.database, wakes.add(this))
  }

  /** Calls `listener` whenever the channel may have changed. Returns what ends it. */
  listen(channel: number, listener: () => void): () => void {
    if (this.#listeners.size === 0) this.#start()
    const listeners = this.#listeners.get(channel) ?? new Set()
    listeners.add(listener)
    this.#listeners.set(channel, listeners)
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0) this.#listeners.delete(channel)
      if (this.#listeners.size === 0) this.#stop()
    }
  }

  /** To be called after a commit that changed the channel. Signals of one turn make one wake-up. */
  signal(channel: number): void {
    if (this.#due.size === 0) queueMicrotask(() => this.#fire())
    this.#due.add(channel)
  }

  close(): void {
    this.#listeners.clear()
    this.#stop()
    wakesOfHandle.get(this.#store.database)?.delete(this)
    if (this.#nudgeFile !== undefined) closeSync(this.#nudgeFile)
    this.#nudgeFile = undefined
  }

  #fire(): void {
    const channels = [...this.#due]
    this.#due.clear()
    if (!this.#store.database.open) return
    this.#nudge()
    for (const wake of wakesOfHandle.get(this.#store.database) ?? []) {
      for (const channel of channels) wake.#call(wake.#listeners.get(channel))
    }
  }

  #call(listeners: Iterable<() => void> = []): void {
    for (const listener of [...listeners]) listener()
  }

  #nudge(): void {
    if (!this.#path) return
    try {
      this.#nudgeFile ??= openSync(this.#path, constants.O_RDWR | constants.O_CREAT)
      writeSync(this.#nudgeFile, "!", 0)
    } catch {
      // A hint that cannot be given is replaced by the listeners' own looking.
    }
  }

  #start(): void {
    if (!this.#path) return
    this.#dataVersion = this.#readDataVersion()
    this.#watch(this.#path)
    this.#poll()
  }

  #watch(path: string): void {
    try {
      closeSync(openSync(path, constants.O_RDWR | constants.O_CREAT))
      this.#watcher = watch(path, { persistent: false }, () => this.#look())
      this.#watcher.on("error", () => this.#watcher?.close())
    } catch {
      // No more watchers to be had on this machine, or a file system without them: the polling remains.
    }
  }

  #poll(): void {
    this.#cancelPoll = this.#store.clock.setTimer(pollMs, () => {
      this.#poll()
      this.#look()
    })
  }

  /** The version moves when another connection commits, not when this one does. */
  #look(): void {
    if (this.#listeners.size === 0 || !this.#store.database.open) return
    const version = this.#tryDataVersion()
    if (version === this.#dataVersion) return
    this.#dataVersion = version
    for (const listeners of [...this.#listeners.values()]) this.#call(listeners)
  }

  #readDataVersion(): unknown {
    return this.#store.read(() => this.#store.sql<{ data_version: number }>("PRAGMA data_version").get()?.data_version)
  }

  /** What cannot be read now differs from what is read next, so nothing is missed. */
  #tryDataVersion(): unknown {
    try {
      return this.#readDataVersion()
    } catch {
      return undefined
    }
  }

  #stop(): void {
    this.#cancelPoll?.()
    this.#cancelPoll = undefined
    this.#watcher?.close()
    this.#watcher = undefined
  }
}
