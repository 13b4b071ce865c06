// ko: 목록을 물을 때만 끝난 리스를 지워서, 늦은 하트비트가 죽은 인스턴스를 되살린다
// en: Leases end only when the list is asked for: a late heartbeat revives the dead
// caught by: [2]
import type { Clock } from "#waystation"

export interface Instance {
  readonly service: string
  readonly id: string
  readonly host: string
  readonly port: number
}

export class Registry {
  readonly clock: Clock
  readonly leaseMs: number // so long an instance is believed to live without being heard of
  readonly #leases = new Map<string, { readonly instance: Instance; until: number }>()

  constructor(clock: Clock, leaseMs: number) {
    this.clock = clock
    this.leaseMs = leaseMs
  }

  /** Task 1. */
  register(instance: Instance): void {
    this.#leases.set(keyOf(instance.service, instance.id), { instance, until: this.#end() })
  }
  /** Task 1. Whether it was there. */
  deregister(service: string, id: string): boolean {
    this.#evict()
    return this.#leases.delete(keyOf(service, id))
  }
  /** Tasks 1 and 2. The instances of the service that are to be believed alive. */
  instances(service: string): Instance[] {
    this.#evict()
    return [...this.#leases.values()].map(({ instance }) => instance).filter((instance) => instance.service === service)
  }
  /** Task 2. Begins the instance's lease anew. `false`: it is not known here (any more) and must register. */
  heartbeat(service: string, id: string): boolean {
    const lease = this.#leases.get(keyOf(service, id))
    if (!lease) return false
    lease.until = this.#end()
    return true
  }

  #evict(): void {
    for (const [key, { until }] of this.#leases) if (until <= this.clock.now()) this.#leases.delete(key)
  }

  #end(): number {
    return this.clock.now() + this.leaseMs
  }
}

function keyOf(service: string, id: string): string {
  return JSON.stringify([service, id])
}
