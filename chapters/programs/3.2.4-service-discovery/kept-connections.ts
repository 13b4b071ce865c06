import { once } from "node:events"
import { Agent, createServer, request } from "node:http"
import type { AddressInfo, Server } from "node:net"
import { RoundRobin } from "../../../solutions/3.2.4-service-discovery/4-client-side.ts"
import { virtualAddress } from "../../../solutions/3.2.4-service-discovery/5-platform.ts"

// Three pods count the requests that they get. pod-3 is added after half of the 60 requests.
const counts = [0, 0, 0]
const servers: Server[] = []

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  servers.push(server)
  return (server.address() as AddressInfo).port
}

async function get(port: number, agent: Agent): Promise<void> {
  const [response] = await once(request({ port, agent }).end(), "response")
  await once(response.resume(), "end")
}

const pods: number[] = []
for (const pod of counts.keys()) {
  const server = createServer((_, response) => {
    counts[pod] = (counts[pod] ?? 0) + 1
    response.end()
  })
  pods.push(await listen(server))
}
const podsOf = (turn: number) => (turn < 30 ? pods.slice(0, 2) : pods)

const one = new Agent({ keepAlive: true, maxSockets: 1 })
const oneForEach = new Agent({ keepAlive: false })
let turn = 0
const service = await listen(virtualAddress(() => podsOf(turn).map((port) => ({ host: "127.0.0.1", port }))))
const robin = new RoundRobin()
const nextPod = () => Number(robin.next(podsOf(turn).map((port) => ({ id: String(port), url: "" }))).id)

const ways: [string, () => Promise<void>][] = [
  ["virtual address, one kept connection    ", () => get(service, one)],
  ["virtual address, a connection for each  ", () => get(service, oneForEach)],
  ["client-side, one kept connection to each", () => get(nextPod(), one)],
]
for (const [way, send] of ways) {
  counts.fill(0)
  for (turn = 0; turn < 60; turn++) await send()
  console.log(`${way}  pod-1: ${counts[0]}, pod-2: ${counts[1]}, pod-3: ${counts[2]}`)
}
one.destroy()
for (const server of servers) server.close()
