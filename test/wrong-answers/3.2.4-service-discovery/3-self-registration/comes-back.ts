// ko: 멈추는 순간 진행 중이던 하트비트가 뒤늦게 다시 등록한다
// en: The heartbeat that was under way registers it again after the farewell
// caught by: [6]
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
  #cancel = () => {}

  constructor(parts: RegistrationParts) {
    this.parts = parts
  }

  /** Task 5. From now on the registry knows the instance, whatever becomes of the registry. */
  start(): void {
    this.#running = true
    void this.#makeBeat()
  }

  /** Task 6. From then on it does not. */
  async stop(): Promise<void> {
    if (!this.#running) return
    this.#running = false
    this.#cancel()
    const { registry, instance } = this.parts
    await registry.deregister(instance.service, instance.id).catch(() => {})
  }

  async #makeBeat(): Promise<void> {
    const { clock, registry, instance, heartbeatMs } = this.parts
    try {
      const known = await registry.heartbeat(instance.service, instance.id)
      if (!known) await registry.register(instance)
    } catch {}
    if (!this.#running) return
    this.#cancel = clock.setTimer(heartbeatMs, () => {
      void this.#makeBeat()
    })
  }
}
