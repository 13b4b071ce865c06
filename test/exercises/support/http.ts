import { once } from "node:events"
import type { AddressInfo } from "node:net"
import { createAdaptorServer } from "@hono/node-server"

/** A real HTTP server on a free port of this machine: `await using kitchen = await listening(app.fetch)`. */
export interface Listening extends AsyncDisposable {
  /** Without a slash at the end. */
  readonly url: string
}

export async function listening(fetch: (request: Request) => Response | Promise<Response>): Promise<Listening> {
  const server = createAdaptorServer({ fetch, overrideGlobalObjects: false })
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
