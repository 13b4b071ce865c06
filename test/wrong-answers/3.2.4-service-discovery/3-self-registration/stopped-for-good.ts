// ko: 시작하기 전에 멈춘 것을 기억해서, 그 뒤에 시작해도 등록하지 않는다
// en: A stop before the start is remembered: it never registers after that
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
  #stopped = false
  #beat: Promise<void> | undefined
  #cancel = () => {}

  constructor(parts: RegistrationParts) {
    this.parts = parts
  }

  /** Task 5. From now on the registry knows the instance, whatever becomes of the registry. */
  start(): void {
    this.#beat = this.#makeBeat()
  }

  /** Task 6. From then on it does not. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    await this.#beat
    const { registry, instance } = this.parts
    await registry.deregister(instance.service, instance.id).catch(() => {})
  }

  async #makeBeat(): Promise<void> {
    const { clock, registry, instance, heartbeatMs } = this.parts
    try {
      const known = await registry.heartbeat(instance.service, instance.id)
      if (!known && !this.#stopped) await registry.register(instance)
    } catch {}
    if (this.#stopped) return
    this.#cancel = clock.setTimer(heartbeatMs, () => {
      this.#beat = this.#makeBeat()
    })
  }
}
