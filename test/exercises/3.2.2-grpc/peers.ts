import { once } from "node:events"
import { createServer, type ServerHttp2Session } from "node:http2"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { setImmediate as turn } from "node:timers/promises"
import type { DescService } from "@bufbuild/protobuf"
import { type Client as ConnectClient, type ConnectRouter, createClient } from "@connectrpc/connect"
import { connectNodeAdapter, createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node"
import {
  type Client,
  credentials,
  loadPackageDefinition,
  Server,
  ServerCredentials,
  type ServiceClientConstructor,
  status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js"
import { loadSync } from "@grpc/proto-loader"
import { Anomaly, type AnomalyKind } from "../support/anomaly.ts"
import { History } from "../support/history.ts"
import { type Words, words } from "../support/language.ts"
import { Wrong } from "../support/wrong.ts"

// The learner's side is grpc-js with proto-loader; the other side is Connect with generated code: they share the .proto file alone.
const definition = loadSync(join(import.meta.dirname, "../../../chapters/programs/3.2.2-grpc/orders.proto"), {
  defaults: true,
  enums: String,
})
const { v1 } = (loadPackageDefinition(definition) as unknown as { food: { v1: Record<ServiceName, ServiceClientConstructor> } }).food

type ServiceName = "Orders" | "Kitchen"

/** A grpc-js service of the learner's handlers, on a free port of this machine. */
export async function grpcService(name: ServiceName, handlers: UntypedServiceImplementation): Promise<{ port: number } & AsyncDisposable> {
  const server = new Server()
  const unwritten = Object.keys(v1[name].service).map((method) => [method[0]?.toLowerCase() + method.slice(1), refuse] as const)
  server.addService(v1[name].service, { ...Object.fromEntries(unwritten), ...handlers })
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound)))
  })
  return { port, [Symbol.asyncDispose]: async () => server.forceShutdown() }
}

/** What this exercise has no handler for. */
function refuse(_: unknown, callback: unknown): void {
  if (typeof callback === "function") callback({ code: status.UNIMPLEMENTED })
}

/** A grpc-js client, for the learner's code. */
export function grpcClient<Methods>(name: ServiceName, port: number): Methods & Pick<Client, "waitForReady"> & Disposable {
  const client = new v1[name](`127.0.0.1:${port}`, credentials.createInsecure())
  return Object.assign(client as unknown as Methods & Pick<Client, "waitForReady">, { [Symbol.dispose]: () => client.close() })
}

/** The other library's service. */
export async function connectService(routes: (router: ConnectRouter) => void): Promise<{ port: number } & AsyncDisposable> {
  const server = createServer(connectNodeAdapter({ routes }))
  const sessions = new Set<ServerHttp2Session>()
  server.on("session", (session) => sessions.add(session))
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close")
      server.close()
      for (const session of sessions) session.destroy()
      await closed
    },
  }
}

/** The other library's client. */
export function connectClient<Service extends DescService>(
  service: Service,
  port: number,
): { client: ConnectClient<Service> } & Disposable {
  const baseUrl = `http://127.0.0.1:${port}`
  const sessionManager = new Http2SessionManager(baseUrl)
  const client = createClient(service, createGrpcTransport({ baseUrl, sessionManager }))
  return { client, [Symbol.dispose]: () => sessionManager.abort() }
}

/** Waits until it is so, for as long as `probe` and some turns of the event loop take, again and again. Says whether it is. */
export async function comes(condition: () => boolean, probe: () => Promise<unknown> = async () => {}): Promise<boolean> {
  for (let round = 0; round < 20 && !condition(); round++) {
    await probe()
    for (let turns = 0; turns < 5; turns++) await turn()
  }
  return condition()
}

/** A status as it is called: 5 is NOT_FOUND. */
export function statusName(code: unknown): string {
  return status[code as number] ?? String(code)
}

/** What a test tells when it fails, sentence by sentence. */
export class Talk {
  readonly history = new History(() => 0)

  tell(ko: string, en: string, ...parts: readonly (string | number | Words)[]): void {
    this.history.add({ process: "", event: "told", words: words(ko, en, ...parts) })
  }

  wrong(headline: Words, note?: Words): never {
    throw new Wrong(
      headline,
      this.history.steps.flatMap((step) => step.words ?? []),
      note,
    )
  }

  anomaly(kind: AnomalyKind, headline: Words): never {
    throw new Anomaly({ kind, headline }, this.history)
  }
}
