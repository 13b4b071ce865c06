import { once } from "node:events"
import { Agent, createServer, request } from "node:http"
import type { AddressInfo, Socket } from "node:net"
import { gzipSync } from "node:zlib"
import { type Format, formats, orders } from "./hundred-orders.ts"

const server = createServer((received, response) => received.resume().on("end", () => response.end()))
const sockets: Socket[] = []
server.on("connection", (socket) => sockets.push(socket)).listen(0, "127.0.0.1")
await once(server, "listening")

// #region sending
/** How many bytes come out of the socket at the server when these bodies are posted, one after the other, on one connection. */
async function bytesOnTheWire(bodies: readonly Uint8Array[], headers: Record<string, string>): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  for (const body of bodies) {
    // The port is another each time: a name of fixed length stands for it in the header.
    const { port } = server.address() as AddressInfo
    const sent = request({
      port,
      host: "127.0.0.1",
      agent,
      method: "POST",
      path: "/orders",
      headers: { Host: "orders.example", ...headers },
    }).end(body)
    const [response] = await once(sent, "response")
    await once(response.resume(), "end")
  }
  agent.destroy()
  return sockets.at(-1)?.bytesRead ?? 0
}
// #endregion

async function measure(title: string, bodiesOf: (format: Format) => Uint8Array[]): Promise<void> {
  const rows: [string, number[]][] = []
  for (const format of formats) {
    const plain = bodiesOf(format)
    const zipped = plain.map((body) => gzipSync(body))
    const length = (bodies: readonly Uint8Array[]) => bodies.reduce((sum, body) => sum + body.length, 0)
    const header = { "Content-Type": format.type }
    const wire = [await bytesOnTheWire(plain, header), await bytesOnTheWire(zipped, { ...header, "Content-Encoding": "gzip" })]
    rows.push([format.name, [length(plain), length(zipped), ...wire]])
  }
  console.log(`${title.padEnd(28)}    body  gzipped    wire  gzipped`)
  for (const [name, sizes] of rows)
    console.log(`  ${name.padEnd(24)}${sizes.map((size) => `${(size / 1_000).toFixed(1)} kB`.padStart(9)).join("")}`)
}

// #region measuring
await measure("100 requests, 1 order each", (format) => orders.map((order) => format.one(order)))
await measure("1 request, 100 orders", (format) => [format.many(orders)])
// #endregion
server.close()
