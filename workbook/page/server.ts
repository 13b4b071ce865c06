import type { AddressInfo } from "node:net"
import { createAdaptorServer, type ServerType } from "@hono/node-server"
import type { Hono } from "hono"
import type { Door, PageEnvironment } from "./guard.ts"

export interface PageServer {
  /** With the token, which the page keeps and takes out of the address bar. */
  readonly address: string
  /** The ports that others held. */
  readonly busyPorts: readonly number[]
  stop(): Promise<void>
}

const triesMax = 20

/** Opens the page on the loopback interface alone, at `port` or the next one that is free. */
export async function listen(app: Hono<PageEnvironment>, door: Door, port: number): Promise<PageServer> {
  const busyPorts: number[] = []
  for (;;) {
    const server = createAdaptorServer({ fetch: app.fetch })
    try {
      door.port = await listenAt(server, port + busyPorts.length)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE" || busyPorts.length === triesMax) throw error
      busyPorts.push(port + busyPorts.length)
      continue
    }
    return { address: `http://127.0.0.1:${door.port}/#token=${door.token}`, busyPorts, stop: () => close(server) }
  }
}

function listenAt(server: ServerType, port: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  server.once("error", reject)
  server.listen(port, "127.0.0.1", () => resolve((server.address() as AddressInfo).port))
  return promise
}

function close(server: ServerType): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  server.close(() => resolve())
  // Live views never end by themselves.
  if ("closeAllConnections" in server) server.closeAllConnections()
  return promise
}
