// ko: 멈출 때 등록을 지우지 않아서, 리스가 끝날 때까지 남는다
// en: It stops without deregistering, and stays in the registry until its lease ends
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
    await this.#beat
  }

  async #makeBeat(): Promise<void> {
    const { clock, registry, instance, heartbeatMs } = this.parts
    try {
      const known = await registry.heartbeat(instance.service, instance.id)
      if (!known && this.#running) await registry.register(instance)
    } catch {}
    if (!this.#running) return
    this.#cancel = clock.setTimer(heartbeatMs, () => {
      this.#beat = this.#makeBeat()
    })
  }
}
