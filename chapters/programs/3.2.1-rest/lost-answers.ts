import { createAdaptorServer, type HttpBindings } from "@hono/node-server"
import { Hono } from "hono"

const orders = [{ id: "order-1", status: "PENDING" }]
const baskets = new Set(["basket-1"])

// #region service
const app = new Hono()
app.post("/orders", (c) => {
  const order = { id: `order-${orders.length + 1}`, status: "PENDING" }
  orders.push(order)
  return c.json(order, 201)
})
app.put("/orders/:id/cancellation", (c) => {
  for (const order of orders) if (order.id === c.req.param("id")) order.status = "CANCELLED"
  return c.body(null, 204)
})
app.delete("/baskets/:id", (c) => c.body(null, baskets.delete(c.req.param("id")) ? 204 : 404))
// #endregion

// #region network
/** The service does its work. The first answer to each request is lost on its way back. */
const answered = new Set<string>()
const server = createAdaptorServer({
  fetch: async (request, connection) => {
    const response = await app.fetch(request)
    const asked = `${request.method} ${new URL(request.url).pathname}`
    if (!answered.has(asked)) (connection as HttpBindings).outgoing.destroy()
    answered.add(asked)
    return response
  },
})
// #endregion

server.listen(0, "127.0.0.1", async () => {
  const { port } = server.address() as { port: number }
  // #region client
  async function untilAnswered(method: string, path: string): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { method }).catch(() => undefined)
      console.log(`${method} ${path}`.padEnd(36), `#${attempt}`, response?.status ?? "…")
      if (response) return
    }
  }
  await untilAnswered("PUT", "/orders/order-1/cancellation")
  await untilAnswered("DELETE", "/baskets/basket-1")
  await untilAnswered("POST", "/orders")
  // #endregion
  console.log(orders.map((order) => `${order.id} ${order.status}`).join("\n"))
  server.close()
})
