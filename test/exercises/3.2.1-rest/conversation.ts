import { Hono } from "hono"
import { HTTPException } from "hono/http-exception"
import { Anomaly, type AnomalyKind } from "../support/anomaly.ts"
import { History } from "../support/history.ts"
import { type Listening, listening } from "../support/http.ts"
import { code, type Words, words } from "../support/language.ts"
import { Refusal } from "../support/observe.ts"
import { Crash, type Process } from "../support/process.ts"
import { Wrong } from "../support/wrong.ts"

export interface Call {
  readonly method: "GET" | "POST" | "PUT"
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  /** A string goes as it is, anything else as JSON. */
  readonly body?: unknown
  readonly who?: Words
  /** The answer is told by whoever calls: of two calls at once, either may be answered first. */
  readonly quiet?: boolean
}

/** What came back over the socket. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** Of a text that is JSON. */
  readonly body: unknown
}

export const client: Words = { ko: "클라이언트", en: "the client" }
export const orderService: Words = { ko: "주문 서비스", en: "the order service" }

/** What goes over HTTP between a client and the learner's service, told sentence by sentence. */
export class Conversation {
  readonly history: History
  readonly #shownMax: number
  #thrown: unknown

  /** Of a longer body than `shownMax` characters only the beginning is told. */
  constructor({ history = new History(() => 0), shownMax = 1_000 }: { history?: History; shownMax?: number } = {}) {
    this.history = history
    this.#shownMax = shownMax
  }

  /** A Hono app whose handlers' errors are known to the conversation. */
  app(): Hono {
    const app = new Hono()
    app.onError((error) => {
      if (error instanceof HTTPException) return error.getResponse()
      this.#thrown = error
      return new Response(null, { status: 500 })
    })
    return app
  }

  /** The app on a socket. When its process crashes, whoever waits for an answer loses the connection. */
  serve(app: Hono, process?: Process): Promise<Listening> {
    return listening(async (request, { outgoing }) => {
      const response = await app.fetch(request)
      if (process?.alive === false) outgoing.destroy()
      return response
    })
  }

  tell(ko: string, en: string, ...parts: readonly (string | number | Words)[]): void {
    this.history.add({ process: "", event: "told", words: words(ko, en, ...parts) })
  }

  /** Sends a request. `undefined`: the connection broke before there was an answer. */
  async call(url: string, { method, path, headers = {}, body, who = client, quiet = false }: Call): Promise<Answer | undefined> {
    this.#thrown = undefined
    const text = typeof body === "string" ? body : JSON.stringify(body)
    const named = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
    const sent = code([`${method} ${path}`, ...named, ...(text === undefined ? [] : [this.#shown(text)])].join(" · "))
    this.tell("{0:이/가} {1:을/를} 보내요", "{0} sends {1}", who, sent)
    const contentType = text === undefined ? {} : { "Content-Type": "application/json" }
    const request = { method, headers: { ...contentType, ...headers }, ...(text !== undefined && { body: text }) }
    const answer = await fetch(`${url}${path}`, request).then(answerOf, () => undefined)
    this.#judgeThrown()
    if (!quiet) this.tellAnswer(answer)
    return answer
  }

  tellAnswer(answer: Answer | undefined, to: Words = { ko: "", en: "" }): void {
    if (!answer) {
      this.tell("응답이 오기 전에 연결이 끊겨요", "the connection breaks before there is an answer")
      return
    }
    const { status, headers, text } = answer
    const named = ["Location", "ETag"].flatMap((name) => (headers.has(name) ? [`${name}: ${headers.get(name)}`] : []))
    const came = code([status, ...named, ...(text === "" ? [] : [this.#shown(text)])].join(" · "))
    this.tell("{1}응답으로 {0:이/가} 와요", "the answer{1} is {0}", came, to)
  }

  /** The status must be one of these. */
  expectStatus(answer: Answer | undefined, expected: number | readonly number[], asked: string): void {
    const allowed = [expected].flat()
    if (answer && allowed.includes(answer.status)) return
    const came = answer ? String(answer.status) : words("끊긴 연결", "a broken connection")
    this.wrong(
      words(
        "{0}의 응답으로 {1:이/가} 왔어요. {2:을/를} 기대했어요",
        "{0} was answered with {1}, and {2} was expected",
        code(asked),
        came,
        allowed.map(String).join(" / "),
      ),
    )
  }

  /** Fails. What the handler threw, if that is why, is told below the steps. */
  wrong(headline: Words): never {
    const steps = this.history.steps.flatMap((step) => step.words ?? [])
    throw new Wrong(headline, steps, threw(this.#thrown))
  }

  /** Fails with something that happened to the orders. */
  anomaly(kind: AnomalyKind, headline: Words): never {
    throw new Anomaly({ kind, headline, note: threw(this.#thrown) }, this.history)
  }

  #shown(text: string): string {
    return text.length > this.#shownMax ? `${text.slice(0, this.#shownMax)}…` : text
  }

  /** A body that is no JSON, and a refusal of the exercise's world, may surface as 500; all else is a defect to be shown at its line. */
  #judgeThrown(): void {
    const error = this.#thrown
    if (error === undefined || error instanceof Refusal || error instanceof SyntaxError || error instanceof Crash) return
    throw error
  }
}

/** In the engine's words a SyntaxError differs from version to version. */
function threw(error: unknown): Words | undefined {
  if (error instanceof SyntaxError) return words("핸들러가 {0}를 던졌어요", "the handler threw a {0}", code("SyntaxError"))
  return error instanceof Refusal ? words("핸들러가 예외를 던졌어요: {0}", "the handler threw: {0}", code(error.message)) : undefined
}

export async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, body: parsed(text) }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
