// ko: 소켓의 오류를 듣지 않아서, 사라진 파드 하나에 프로세스가 죽는다
// en: Nobody listens to the sockets' errors: one pod that is gone brings the process down
// caught by: [11]
import { connect, createServer, type Server } from "node:net"

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
    const endpoint = now[turn++ % now.length]
    if (!endpoint) return void client.destroy()
    const upstream = connect(endpoint.port, endpoint.host)
    client.pipe(upstream).pipe(client)
  })
}
