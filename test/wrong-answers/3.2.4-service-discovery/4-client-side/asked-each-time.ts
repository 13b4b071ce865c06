// ko: 부를 때마다 레지스트리에 묻는다
// en: The registry is asked each time
// caught by: [8]
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

  constructor(parts: DirectoryParts) {
    this.parts = parts
  }

  async instances(): Promise<readonly Instance[]> {
    try {
      this.#list = await this.parts.ask()
    } catch (error) {
      if (!this.#list) throw error
    }
    return this.#list
  }
}

/** Task 9. What the first instance answers that can be reached. `send` rejects as `fetch` does. */
export async function callAny(instances: readonly Instance[], send: (to: Instance) => Promise<Response>): Promise<Response> {
  let refusal: unknown = new NoInstanceError("There is no instance.")
  for (const instance of instances) {
    try {
      return await send(instance)
    } catch (error) {
      if (!wasRefused(error)) throw error
      refusal = error
    }
  }
  throw refusal
}

function wasRefused(error: unknown): boolean {
  return error instanceof Error && (error.cause as { code?: string } | undefined)?.code === "ECONNREFUSED"
}
