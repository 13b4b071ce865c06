import http2 from "node:http2"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import * as grpc from "@grpc/grpc-js"
import { loadSync } from "@grpc/proto-loader"
import { createAdaptorServer } from "@hono/node-server"
import { Hono } from "hono"
import { compress } from "hono/compress"
import { CountedPort } from "./counted-port.ts"

const orders = Array.from({ length: 100 }, (_, index) => ({
  id: `order-${index + 101}`,
  customerId: `customer-${(index % 7) + 1}`,
  lines: [{ dish: "bibimbap", quantity: (index % 3) + 1 }],
  totalWon: ((index % 3) + 1) * 12_000,
}))
// HTTP/2 writes some digits in five bits and others in six. The port's and the date's are always the same ones here: else figures
// would differ by a byte from one second to the next.
const authority = "127.0.0.1:50051"
Date.prototype.toUTCString = () => "Mon, 23 Nov 2026 10:00:00 GMT"
const orderNamed = (id: string) => orders.find((order) => order.id === id)

/** A service on a port, and a client that asks it for one order, or for all of them in one call. */
interface Way {
  serve(gzip: boolean): Promise<CountedPort>
  client(port: number): { one(id: string): Promise<unknown>; all(): Promise<unknown> }
}

function restService(gzip: boolean): Hono {
  const app = new Hono()
  if (gzip) app.use(compress())
  app.get("/orders/:id", (c) => c.json(orderNamed(c.req.param("id"))))
  app.get("/orders", (c) => c.json(orders))
  return app
}

const overHttp1: Way = {
  serve: (gzip) => {
    const server = createAdaptorServer({ fetch: restService(gzip).fetch })
    return CountedPort.open((socket) => server.emit("connection", socket))
  },
  client: (port) => {
    const get = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).json()
    return { one: (id) => get(`/orders/${id}`), all: () => get("/orders") }
  },
}

const overHttp2: Way = {
  serve: (gzip) => {
    const server = createAdaptorServer({ fetch: restService(gzip).fetch, createServer: http2.createServer })
    return CountedPort.open((socket) => server.emit("connection", socket))
  },
  client: (port) => {
    const headers = { accept: "application/json", "accept-encoding": "gzip", "user-agent": "node" }
    let session: http2.ClientHttp2Session | undefined
    const get = (path: string) => {
      session ??= http2.connect(`http://127.0.0.1:${port}`)
      return text(session.request({ ":authority": authority, ":path": path, ...headers }))
    }
    return { one: (id) => get(`/orders/${id}`), all: () => get("/orders") }
  },
}

const definition = loadSync(join(import.meta.dirname, "orders.proto"))
const { Orders } = (grpc.loadPackageDefinition(definition) as unknown as { food: { v1: { Orders: grpc.ServiceClientConstructor } } }).food
  .v1

/** What grpc-js makes of the service Orders, as far as it is called here. */
interface OrdersClient {
  getOrder(request: { id: string }, callback: (error: Error | null) => void): void
  listOrders(request: object): AsyncIterable<unknown>
}

const overGrpc: Way = {
  serve: () => {
    const server = new grpc.Server()
    server.addService(Orders.service, {
      getOrder: (call: grpc.ServerUnaryCall<{ id: string }, unknown>, callback: grpc.sendUnaryData<unknown>) =>
        callback(null, { order: orderNamed(call.request.id) }),
      listOrders: (call: grpc.ServerWritableStream<unknown, unknown>) => {
        for (const order of orders) call.write(order)
        call.end()
      },
    } as unknown as grpc.UntypedServiceImplementation)
    const injector = server.createConnectionInjector(grpc.ServerCredentials.createInsecure())
    return CountedPort.open((socket) => injector.injectConnection(socket))
  },
  client: (port) => {
    const options = { "grpc.default_authority": authority }
    const client = new Orders(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), options) as unknown as OrdersClient
    const one = (id: string) =>
      new Promise<void>((resolve, reject) => client.getOrder({ id }, (error) => (error ? reject(error) : resolve())))
    const all = async () => {
      for await (const _ of client.listOrders({}));
    }
    return { one, all }
  },
}

const fewTimes = 9

async function measure(name: string, way: Way, { message, gzip }: { message: number; gzip: boolean }): Promise<void> {
  const port = await way.serve(false)
  const client = way.client(port.port)
  const first = await port.bytesOf(() => client.one("order-101"))
  const later = await port.typicalBytesOf(
    orders.slice(1).map(
      ({ id }) =>
        () =>
          client.one(id),
    ),
  )
  const all = await port.typicalBytesOf(Array.from({ length: fewTimes }, () => client.all))
  print(name, message, first, later, all, gzip ? await compressedBytes(way) : "-")
}

/** All orders in one call, compressed, on a connection that is not new. */
async function compressedBytes(way: Way): Promise<number> {
  const port = await way.serve(true)
  const client = way.client(port.port)
  await port.bytesOf(() => client.one("order-101"))
  return port.typicalBytesOf(Array.from({ length: fewTimes }, () => client.all))
}

function print(name: string, ...columns: unknown[]): void {
  console.log(name.padEnd(16), ...columns.map((column) => String(column).padStart(8)))
}

const json = JSON.stringify(orders[0]).length
const protobuf = Orders.service.GetOrder?.responseSerialize({ order: orders[0] }).length ?? 0

print("", "message", "first", "later", "all", "gzip")
await measure("JSON, HTTP/1.1", overHttp1, { message: json, gzip: true })
await measure("JSON, HTTP/2", overHttp2, { message: json, gzip: true })
await measure("gRPC", overGrpc, { message: protobuf, gzip: false }) // a service of @grpc/grpc-js does not compress its answers
process.exit()
