// ko: 등록할 때 건 타이머를 하트비트가 와도 취소하지 않는다
// en: The timer that was set at the registration is not cancelled by a heartbeat
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
  readonly #leases = new Map<string, Instance>()

  constructor(clock: Clock, leaseMs: number) {
    this.clock = clock
    this.leaseMs = leaseMs
  }

  /** Task 1. */
  register(instance: Instance): void {
    this.#leases.set(keyOf(instance.service, instance.id), instance)
    this.#dieLater(instance.service, instance.id)
  }
  /** Task 1. Whether it was there. */
  deregister(service: string, id: string): boolean {
    return this.#leases.delete(keyOf(service, id))
  }
  /** Tasks 1 and 2. The instances of the service that are to be believed alive. */
  instances(service: string): Instance[] {
    return [...this.#leases.values()].filter((instance) => instance.service === service)
  }
  /** Task 2. Begins the instance's lease anew. `false`: it is not known here (any more) and must register. */
  heartbeat(service: string, id: string): boolean {
    if (!this.#leases.has(keyOf(service, id))) return false
    this.#dieLater(service, id)
    return true
  }

  #dieLater(service: string, id: string): void {
    this.clock.setTimer(this.leaseMs, () => this.#leases.delete(keyOf(service, id)))
  }
}

function keyOf(service: string, id: string): string {
  return JSON.stringify([service, id])
}
