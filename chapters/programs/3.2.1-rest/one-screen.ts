import { once } from "node:events"
import type { AddressInfo, Socket } from "node:net"
import { serve } from "@hono/node-server"
import { Hono } from "hono"

const ids = Array.from({ length: 10 }, (_, index) => `order-${index + 1}`)
const order = (id: string) => ({ id, customerId: "customer-1", status: "PREPARING", totalWon: 18_000 })
const ticket = (id: string) => ({ orderId: id, kitchen: "A", readyAt: "12:40" })
const delivery = (id: string) => ({ orderId: id, courier: "courier-3", arrivesAt: "12:58" })

const app = new Hono()
  .get("/orders", (c) => c.json(ids.map(order)))
  .get("/tickets/:id", (c) => c.json(ticket(c.req.param("id"))))
  .get("/deliveries/:id", (c) => c.json(delivery(c.req.param("id"))))
  .get("/screens/orders", (c) => c.json(ids.map((id) => ({ ...order(id), ticket: ticket(id), delivery: delivery(id) }))))

const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 })
await once(server, "listening")
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
const sockets: Socket[] = []
server.on("connection", (socket: Socket) => sockets.push(socket))

let requests = 0
async function get(path: string): Promise<unknown> {
  requests++
  return (await fetch(`${url}${path}`)).json()
}

/** Counts what a way to fill the screen takes, one request after the other. */
async function measure(name: string, fill: () => Promise<unknown>): Promise<void> {
  const bytes = () => sockets.reduce((sum, socket) => sum + socket.bytesRead + socket.bytesWritten, 0)
  const [before, requestsBefore] = [bytes(), requests]
  await fill()
  console.log(`${name.padEnd(24)} ${String(requests - requestsBefore).padStart(3)} requests ${String(bytes() - before).padStart(6)} bytes`)
}

await measure("order by order", async () => {
  for (const { id } of (await get("/orders")) as { id: string }[]) {
    await get(`/tickets/${id}`)
    await get(`/deliveries/${id}`)
  }
})
await measure("one resource for it all", () => get("/screens/orders"))
server.close()
