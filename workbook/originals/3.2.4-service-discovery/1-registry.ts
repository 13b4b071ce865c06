import type { Clock } from "#waystation"
import { Todo } from "#workbook/todo.ts"

/** One running copy of a service, and where it is to be reached. */
export interface Instance {
  readonly service: string
  readonly id: string
  readonly host: string
  readonly port: number
}

/** Who wants to be found registers here, and says again and again that it is still there. */
export class Registry {
  readonly clock: Clock
  readonly leaseMs: number // so long an instance is believed to live without being heard of

  constructor(clock: Clock, leaseMs: number) {
    this.clock = clock
    this.leaseMs = leaseMs
  }

  /** Task 1. */
  register(instance: Instance): void {
    throw new Todo(1)
  }
  /** Task 1. Whether it was there. */
  deregister(service: string, id: string): boolean {
    throw new Todo(1)
  }
  /** Tasks 1 and 2. The instances of the service that are to be believed alive. */
  instances(service: string): Instance[] {
    throw new Todo(1)
  }
  /** Task 2. Begins the instance's lease anew. `false`: it is not known here (any more) and must register. */
  heartbeat(service: string, id: string): boolean {
    throw new Todo(2)
  }
}
