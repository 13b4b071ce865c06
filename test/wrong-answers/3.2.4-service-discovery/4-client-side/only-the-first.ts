// ko: 첫 번째 인스턴스가 사라졌으면 거기서 끝낸다
// en: If the first one is gone that is the end
// caught by: [9]
import type { Clock } from "#waystation"

export interface Instance {
  readonly id: string
  readonly url: string
}

export class NoInstanceError extends Error {
  override readonly name = "NoInstanceError"
}

/** Task 7. Picks the instances one after the other. The list may be another one each time. */
export class RoundRobin {
  #turn = 0

  next(instances: readonly Instance[]): Instance {
    const instance = instances[this.#turn++ % instances.length]
    if (!instance) throw new NoInstanceError("There is no instance.")
    return instance
  }
}

export interface DirectoryParts {
  readonly clock: Clock
  readonly refreshMs: number // a list that is older is asked for again
  ask(): Promise<readonly Instance[]> // asks the registry; rejects while it cannot be reached
}

/** Task 8. What the caller knows of the registry's list. */
export class Directory {
  readonly parts: DirectoryParts
  #list: readonly Instance[] | undefined
  #askedAt = 0

  constructor(parts: DirectoryParts) {
    this.parts = parts
  }

  async instances(): Promise<readonly Instance[]> {
    const { clock, refreshMs } = this.parts
    if (this.#list && clock.now() - this.#askedAt < refreshMs) return this.#list
    try {
      this.#list = await this.parts.ask()
      this.#askedAt = clock.now()
    } catch (error) {
      if (!this.#list) throw error
    }
    return this.#list
  }
}

/** Task 9. What the first instance answers that can be reached. `send` rejects as `fetch` does. */
export async function callAny(instances: readonly Instance[], send: (to: Instance) => Promise<Response>): Promise<Response> {
  const [first] = instances
  if (!first) throw new NoInstanceError("There is no instance.")
  return send(first)
}
