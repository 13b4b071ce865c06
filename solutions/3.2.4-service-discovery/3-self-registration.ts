import type { Clock } from "#waystation"

export interface Instance {
  readonly service: string
  readonly id: string
  readonly host: string
  readonly port: number
}

/** The registry, somewhere else. Each of these rejects while it cannot be reached. */
export interface RemoteRegistry {
  register(instance: Instance): Promise<void>
  heartbeat(service: string, id: string): Promise<boolean> // false: it does not know the instance
  deregister(service: string, id: string): Promise<void>
}

export interface RegistrationParts {
  readonly clock: Clock
  readonly registry: RemoteRegistry
  readonly instance: Instance
  readonly heartbeatMs: number
}

/** What an instance does for being found. */
export class Registration {
  readonly parts: RegistrationParts
  #running = false
  #beat: Promise<void> | undefined
  #cancel = () => {}

  constructor(parts: RegistrationParts) {
    this.parts = parts
  }

  /** Task 5. From now on the registry knows the instance, whatever becomes of the registry. */
  start(): void {
    this.#running = true
    this.#beat = this.#makeBeat()
  }

  /** Task 6. From then on it does not. */
  async stop(): Promise<void> {
    if (!this.#running) return
    this.#running = false
    this.#cancel()
    // What is under way must not reach the registry after the farewell.
    await this.#beat
    const { registry, instance } = this.parts
    // If that fails the lease will see to it: nobody can wait for a registry that is down.
    await registry.deregister(instance.service, instance.id).catch(() => {})
  }

  /** The first beat is one like all others: a registry that does not know the instance says so. */
  async #makeBeat(): Promise<void> {
    const { clock, registry, instance, heartbeatMs } = this.parts
    try {
      const known = await registry.heartbeat(instance.service, instance.id)
      if (!known && this.#running) await registry.register(instance)
    } catch {
      // Out of reach: the next beat tries again. A lease is longer than a beat for just that.
    }
    if (!this.#running) return
    this.#cancel = clock.setTimer(heartbeatMs, () => {
      this.#beat = this.#makeBeat()
    })
  }
}
