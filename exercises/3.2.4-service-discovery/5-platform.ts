import type { Server } from "node:net"
import { Todo } from "#workbook/todo.ts"

/** As Kubernetes sees a copy of a service. The copy itself knows nothing of a registry. */
export interface Pod {
  readonly labels: Readonly<Record<string, string>>
  readonly host: string
  readonly ready: boolean // its readiness probe succeeds
  readonly terminating: boolean // it was told to end, and finishes what it has in hand
}

export interface Service {
  readonly selector: Readonly<Record<string, string>>
  readonly targetPort: number
}

export interface Endpoint {
  readonly host: string
  readonly port: number
}

/** Task 10. Where the service is to be reached. The platform calls this whenever a pod has changed. */
export function endpointsOf(service: Service, pods: readonly Pod[]): Endpoint[] {
  throw new Todo(10)
}

/** Task 11. A server whose address stands for the service: each connection to it goes on to one of the endpoints of now. */
export function virtualAddress(endpoints: () => readonly Endpoint[]): Server {
  throw new Todo(11)
}
