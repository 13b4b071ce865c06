import { once } from "node:events"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { words } from "../support/language.ts"
import { Story } from "../support/story.ts"

/**
 * A card service behind a real socket. `silent`: it charges the card and never answers. `half`: it charges the card, sends the
 * head of the answer and half of its body.
 */
export class CardService {
  readonly story = new Story()
  readonly behaviour: "approved" | "declined" | "silent" | "half"
  readonly payment = { orderId: "order-7", won: 23_000 }
  readonly paid: unknown[] = []
  readonly #asked = Promise.withResolvers<void>()
  readonly #hungUp = Promise.withResolvers<void>()
  readonly #server: Server = createServer((request, response) => void this.#answer(request, response))

  constructor(behaviour: CardService["behaviour"]) {
    this.behaviour = behaviour
  }

  /** A request has come. */
  get asked(): Promise<void> {
    return this.#asked.promise
  }

  /** The caller has closed the connection before the answer was complete. */
  get hungUp(): Promise<void> {
    return this.#hungUp.promise
  }

  /** It has had the one request that it waits for, and no other. */
  get charged(): boolean {
    return JSON.stringify(this.paid) === JSON.stringify([this.payment])
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async listen(): Promise<void> {
    this.#server.listen(0, "127.0.0.1")
    await once(this.#server, "listening")
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, "close")
  }

  /** The request was not the one that was expected, or none came. */
  unexpected(): Error {
    const wanted = `POST /charges ${JSON.stringify(this.payment)}`
    return this.story.failure(
      "WRONG",
      words("카드 서비스가 기다린 요청은 {0}예요", "the request that the card service waits for is {0}", wanted),
    )
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = ""
    for await (const part of request.setEncoding("utf8")) body += part
    this.story.tell("카드 서비스가 {0} {1:을/를} 받아요", "the card service gets {0} {1}", `${request.method} ${request.url}`, body)
    if (request.method !== "POST" || request.url !== "/charges") return void response.writeHead(404).end()
    this.paid.push(parsed(body))
    response.on("close", () => {
      if (!response.writableFinished) this.#hungUp.resolve()
    })
    if (this.behaviour === "approved" || this.behaviour === "declined") {
      this.story.tell("{0} 답을 보내요", "it answers {0}", this.behaviour)
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ result: this.behaviour }))
    } else if (this.behaviour === "half") {
      this.story.tell(
        "카드를 결제하고, 응답의 헤더와 본문의 절반만 보내요",
        "it charges the card and sends the head of the answer and half of the body",
      )
      response.writeHead(200, { "content-type": "application/json" }).write('{"result":')
    } else {
      this.story.tell("카드를 결제하고, 답은 보내지 않아요", "it charges the card and sends no answer")
    }
    this.#asked.resolve()
  }
}

/** What cannot be read is no payment: it stays the text that it is. */
function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return body
  }
}
