import type { Clock } from "#waystation"
import { Todo } from "#workbook/todo.ts"

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
  constructor(parts: RegistrationParts) {
    this.parts = parts
  }
  /** Task 5. From now on the registry knows the instance, whatever becomes of the registry. */
  start(): void {
    throw new Todo(5)
  }
  /** Task 6. From then on it does not. */
  async stop(): Promise<void> {
    throw new Todo(6)
  }
}
