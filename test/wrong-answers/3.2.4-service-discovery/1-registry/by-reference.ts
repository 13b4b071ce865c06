// ko: 레지스트리가 쓰는 배열을 그대로 내준다
// en: The array that the registry works with is handed out itself
// caught by: [1]
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
  readonly #leases = new Map<string, { instances: Instance[]; until: Map<string, number> }>()

  constructor(clock: Clock, leaseMs: number) {
    this.clock = clock
    this.leaseMs = leaseMs
  }

  /** Task 1. */
  register(instance: Instance): void {
    this.deregister(instance.service, instance.id)
    const known = this.#leases.get(instance.service) ?? { instances: [] as Instance[], until: new Map<string, number>() }
    known.instances.push(instance)
    known.until.set(instance.id, this.#end())
    this.#leases.set(instance.service, known)
  }
  /** Task 1. Whether it was there. */
  deregister(service: string, id: string): boolean {
    this.#evict()
    return this.#remove(service, id)
  }
  /** Tasks 1 and 2. The instances of the service that are to be believed alive. */
  instances(service: string): Instance[] {
    this.#evict()
    return this.#leases.get(service)?.instances ?? []
  }
  /** Task 2. Begins the instance's lease anew. `false`: it is not known here (any more) and must register. */
  heartbeat(service: string, id: string): boolean {
    this.#evict()
    const until = this.#leases.get(service)?.until
    if (!until?.has(id)) return false
    until.set(id, this.#end())
    return true
  }

  #evict(): void {
    for (const [service, { until }] of this.#leases) {
      for (const [id, end] of until) if (end <= this.clock.now()) this.#remove(service, id)
    }
  }

  #remove(service: string, id: string): boolean {
    const known = this.#leases.get(service)
    const place = known?.instances.findIndex((instance) => instance.id === id) ?? -1
    if (!known || place < 0) return false
    known.instances.splice(place, 1)
    return known.until.delete(id)
  }

  #end(): number {
    return this.clock.now() + this.leaseMs
  }
}
