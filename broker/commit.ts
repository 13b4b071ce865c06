import { BrokerClosedError } from "./errors.ts"
import type { Store } from "./storage/store.ts"

/** Runs inside a transaction, and again if that one is undone: it may change nothing but the database. */
type Work<Item, Result> = (items: readonly Item[]) => readonly Result[]

interface Job {
  readonly work: Work<never, unknown>
  readonly item: unknown
  readonly resolve: (result: never) => void
  readonly reject: (error: unknown) => void
}

/** Runs work in a transaction; `undefined` if another's lock is in the way. */
type Begin = <T>(work: () => T) => { result: T } | undefined

/** One transaction does not hold the event loop longer than so many small writes take: a few milliseconds. */
const jobsPerCommitMax = 500
/** The same for jobs that sync the disk one by one. */
const loneJobsPerTurnMax = 20

/**
 * Group commit: the writes of one turn of the event loop share one transaction and so one sync of the disk, which
 * costs as much as fifty writes do. Each promise resolves when its write is on disk. Another process's lock is waited
 * for asynchronously, with uneven pauses, so that timers go on and no writer starves.
 */
export class GroupCommit {
  readonly #store: Store
  #jobs: Job[] = []
  #lastJobs: Job[] = []
  #loneJobs: Job[] = []
  #scheduled = false
  #idleWaiters: (() => void)[] = []

  constructor(store: Store) {
    this.#store = store
  }

  add<T>(work: () => T): Promise<T> {
    return this.#enqueue(this.#jobs, () => [work()], undefined)
  }

  /**
   * Neighbours with the same `work` are one call of it, which gives a result for each item: a hundred sends in a few
   * statements. If that fails, each is tried alone.
   */
  addTogether<Item, Result>(work: Work<Item, Result>, item: Item): Promise<Result> {
    return this.#enqueue(this.#jobs, work, item)
  }

  /** After all else that shares the commit: a claim sees what was sent and settled before it. */
  addLast<T>(work: () => T): Promise<T> {
    return this.#enqueue(this.#lastJobs, () => [work()], undefined)
  }

  /** In a transaction of its own, for work that is not ours and may fail: it undoes nobody else's, and runs once. */
  addAlone<T>(work: () => T): Promise<T> {
    return this.#enqueue(this.#loneJobs, () => [work()], undefined)
  }

  /** Commits at once what was added: what the caller writes next, synchronously, comes after it. */
  flushNow(): void {
    if (this.#joinsAStranger) return
    this.#runShared(this.#jobs.splice(0), (work) => ({ result: this.#store.transaction(work) }))
  }

  /** Resolves when nothing waits to be committed. */
  idle(): Promise<void> {
    if (!this.#scheduled) return Promise.resolve()
    return new Promise((resolve) => this.#idleWaiters.push(resolve))
  }

  #enqueue<Item, Result>(jobs: Job[], work: Work<Item, Result>, item: Item): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      jobs.push({ work, item, resolve, reject })
      if (this.#scheduled) return
      this.#scheduled = true
      this.#store.clock.defer(() => this.#flush())
    })
  }

  #flush(): void {
    if (!this.#store.database.open) this.#refuseAll()
    const locked = !(this.#runAlone() && this.#runTogether())
    if (this.#jobs.length + this.#lastJobs.length + this.#loneJobs.length === 0) {
      this.#scheduled = false
      for (const resolve of this.#idleWaiters.splice(0)) resolve()
    } else if (locked) {
      this.#store.clock.setTimer(1 + this.#store.random() * 3, () => this.#flush())
    } else {
      this.#store.clock.defer(() => this.#flush())
    }
  }

  /** A handle that was given may be closed by its owner at any time. */
  #refuseAll(): void {
    const jobs = [this.#loneJobs, this.#jobs, this.#lastJobs].flatMap((waiting) => waiting.splice(0))
    for (const job of jobs) job.reject(new BrokerClosedError())
  }

  #runAlone(): boolean {
    const jobs = this.#loneJobs.splice(0, loneJobsPerTurnMax)
    const waiting = this.#runEach(jobs, (work) => this.#store.tryTransaction(work))
    this.#loneJobs.unshift(...waiting)
    return waiting.length === 0
  }

  #runTogether(): boolean {
    const jobs = [...this.#jobs.splice(0, jobsPerCommitMax), ...this.#lastJobs.splice(0)]
    const waiting = this.#runShared(jobs, (work) => this.#store.tryTransaction(work))
    this.#jobs.unshift(...waiting)
    return waiting.length === 0
  }

  /** Commits the jobs together, and returns those that have to wait for another's lock: all or none. */
  #runShared(jobs: Job[], begin: Begin): Job[] {
    if (jobs.length < 2) return this.#runEach(jobs, begin)
    if (this.#joinsAStranger) return jobs
    let done: { result: unknown[] } | undefined
    try {
      done = begin(() => resultsOf(jobs))
    } catch {
      // One write failed and undid its companions, who are innocent: each gets a transaction of its own, and its own error.
      return this.#runEach(jobs, begin)
    }
    if (!done) return jobs
    for (const [index, job] of jobs.entries()) job.resolve(done.result[index] as never)
    return []
  }

  #runEach(jobs: Job[], begin: Begin): Job[] {
    for (const [index, job] of jobs.entries()) {
      if (this.#joinsAStranger) return jobs.slice(index)
      try {
        // Its own result, not a list of it: a transaction refuses a promise that it sees.
        const done = begin(() => resultsOf([job])[0])
        if (!done) return jobs.slice(index)
        job.resolve(done.result as never)
      } catch (error) {
        job.reject(error)
      }
    }
    return []
  }

  /** A transaction that the caller keeps open on its own handle: joining it would put our work at its mercy. */
  get #joinsAStranger(): boolean {
    return this.#store.inTransaction
  }
}

function resultsOf(jobs: readonly Job[]): unknown[] {
  const results: unknown[] = []
  for (let start = 0, end = 1; start < jobs.length; start = end++) {
    const { work } = jobs[start] as Job
    while (jobs[end]?.work === work) end++
    results.push(...work(jobs.slice(start, end).map((job) => job.item as never)))
  }
  return results
}
