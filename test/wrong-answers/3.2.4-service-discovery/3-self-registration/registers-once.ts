// ko: 한 번 등록하고 나면 레지스트리가 모른다고 해도 다시 등록하지 않는다
// en: It registers once, and not again when the registry says that it does not know it
// caught by: [5]
import type { Clock } from "#waystation"

export interface Instance {
  readonly service: string
  readonly id: string
  readonly host: string
  readonly port: number
}

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
    const { registry, instance } = this.parts
    this.#beat = registry
      .register(instance)
      .catch(() => {})
      .then(() => this.#makeBeat())
  }

  /** Task 6. From then on it does not. */
  async stop(): Promise<void> {
    if (!this.#running) return
    this.#running = false
    this.#cancel()
    await this.#beat
    const { registry, instance } = this.parts
    await registry.deregister(instance.service, instance.id).catch(() => {})
  }

  async #makeBeat(): Promise<void> {
    const { clock, registry, instance, heartbeatMs } = this.parts
    try {
      await registry.heartbeat(instance.service, instance.id)
    } catch {}
    if (!this.#running) return
    this.#cancel = clock.setTimer(heartbeatMs, () => {
      this.#beat = this.#makeBeat()
    })
  }
}
