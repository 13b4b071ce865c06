// ko: 엔드포인트가 없을 수도 있다는 것을 생각하지 않아서, 없는 것의 포트를 읽다가 프로세스가 죽는다
// en: That there may be no endpoint is not thought of: reading the port of nothing brings the process down
// caught by: [11]
import { connect, createServer, type Server } from "node:net"
import { pipeline } from "node:stream"

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
export function endpointsOf({ selector, targetPort }: Service, pods: readonly Pod[]): Endpoint[] {
  const wanted = Object.entries(selector)
  if (wanted.length === 0) return []
  return pods
    .filter(({ labels, ready, terminating }) => ready && !terminating && wanted.every(([name, value]) => labels[name] === value))
    .map(({ host }) => ({ host, port: targetPort }))
}

/** Task 11. A server whose address stands for the service: each connection to it goes on to one of the endpoints of now. */
export function virtualAddress(endpoints: () => readonly Endpoint[]): Server {
  let turn = 0
  return createServer((client) => {
    const now = endpoints()
    const endpoint = now[turn++ % now.length] as Endpoint
    pipeline(client, connect(endpoint.port, endpoint.host), client, () => {})
  })
}
