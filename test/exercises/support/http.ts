import { once } from "node:events"
import type { AddressInfo } from "node:net"
import { createAdaptorServer, type HttpBindings } from "@hono/node-server"

/** A real HTTP server on a free port of this machine: `await using kitchen = await listening(app.fetch)`. */
export interface Listening extends AsyncDisposable {
  /** Without a slash at the end. */
  readonly url: string
}

/** `node` is the connection underneath, for servers that break it. */
export async function listening(fetch: (request: Request, node: HttpBindings) => Response | Promise<Response>): Promise<Listening> {
  const server = createAdaptorServer({ fetch: (request, node) => fetch(request, node as HttpBindings), overrideGlobalObjects: false })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close")
      server.close()
      // What a client keeps open, or never finished, must not hold up the next test.
      if ("closeAllConnections" in server) server.closeAllConnections()
      await closed
    },
  }
}

/** An address of this machine at which nobody listens. */
export async function closedAddress(): Promise<string> {
  const server = await listening(() => new Response())
  await server[Symbol.asyncDispose]()
  return server.url
}
