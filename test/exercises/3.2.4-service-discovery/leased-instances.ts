import type { Clock } from "#waystation"

interface Named {
  readonly app: string
  readonly instanceId: string
}

/** A registry as task 2 asks for it, with Eureka's instances in it. */
export class LeasedInstances<Instance extends Named> {
  readonly #clock: Clock
  readonly #leaseMs: number
  readonly #leases = new Map<string, { readonly instance: Instance; until: number }>()

  constructor(clock: Clock, leaseMs: number) {
    this.#clock = clock
    this.#leaseMs = leaseMs
  }

  register(instance: Instance): void {
    this.#leases.set(key(instance.app, instance.instanceId), { instance, until: this.#clock.now() + this.#leaseMs })
  }

  heartbeat(app: string, instanceId: string): boolean {
    this.#evict()
    const lease = this.#leases.get(key(app, instanceId))
    if (lease) lease.until = this.#clock.now() + this.#leaseMs
    return lease !== undefined
  }

  deregister(app: string, instanceId: string): boolean {
    this.#evict()
    return this.#leases.delete(key(app, instanceId))
  }

  all(): Instance[] {
    this.#evict()
    return [...this.#leases.values()].map(({ instance }) => instance)
  }

  #evict(): void {
    for (const [name, { until }] of this.#leases) if (until <= this.#clock.now()) this.#leases.delete(name)
  }
}

function key(app: string, instanceId: string): string {
  return JSON.stringify([app, instanceId])
}
