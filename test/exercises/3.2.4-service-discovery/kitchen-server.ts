import { once } from "node:events"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { closedAddress } from "../support/http.ts"
import type { Story } from "../support/story.ts"

/** A kitchen behind a real socket. `gone`: nobody listens at its address any more. */
export class KitchenServer implements AsyncDisposable {
  readonly id: string
  readonly behaviour: "cooks" | "busy" | "cooks and breaks off" | "gone"
  /** The orders that it has cooked. */
  readonly tickets: string[] = []
  readonly url: string
  readonly #server: Server | undefined

  private constructor(id: string, behaviour: KitchenServer["behaviour"], at: { url: string; server?: Server }) {
    this.id = id
    this.behaviour = behaviour
    this.url = at.url
    this.#server = at.server
  }

  static async open(story: Story, id: string, behaviour: KitchenServer["behaviour"]): Promise<KitchenServer> {
    if (behaviour === "gone") return new KitchenServer(id, behaviour, { url: await closedAddress() })
    const server = createServer(async (request, response) => {
      let order = ""
      for await (const part of request.setEncoding("utf8")) order += part
      if (behaviour === "busy") {
        story.tell("{0:은/는} 지금 못 한다고 답해요 (HTTP 503)", "{0} answers that it cannot now (HTTP 503)", id)
        return void response.writeHead(503).end()
      }
      kitchen.tickets.push(order)
      if (behaviour === "cooks") {
        story.tell("{0:이/가} 요리하고 HTTP 201로 답해요", "{0} cooks it and answers with HTTP 201", id)
        return void response.writeHead(201).end()
      }
      story.tell("{0:이/가} 요리하고, 답하기 전에 연결이 끊겨요", "{0} cooks it, and the connection breaks before the answer", id)
      request.socket.destroy()
    })
    server.listen(0, "127.0.0.1")
    await once(server, "listening")
    const kitchen = new KitchenServer(id, behaviour, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server })
    return kitchen
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#server) return
    const closed = once(this.#server, "close")
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }
}
