import type { Hono } from "hono"
import type { Language } from "#workbook/language.ts"
import { createApp } from "#workbook/page/app.ts"
import { type Door, newDoor, type PageEnvironment, tokenHeader } from "#workbook/page/guard.ts"
import { Workbook } from "#workbook/workbook.ts"
import { scriptedSample } from "../../workbook/support/desk.ts"
import { scriptedRunner } from "../../workbook/support/scripted-runner.ts"

export const port = 4_330
export const host = `127.0.0.1:${port}`

const numbers = { "0-set-up/1-one.ts": [1], "1.1-numbers/1-doubling.ts": [1, 2], "1.1-numbers/2-tripling.ts": [3] }

export interface SamplePage extends Disposable {
  readonly root: string
  readonly app: Hono<PageEnvironment>
  readonly workbook: Workbook
  readonly door: Door
  write(path: string, text: string): void
  /** As the page itself asks. */
  ask(path: string, init?: RequestInit): Promise<Response>
  /** As the page itself, with the token. */
  send(method: string, path: string, body: unknown): Promise<Response>
}

/** The sample's workbook on a page without a socket. Its exercises' code says in comments how its tasks do. */
export function samplePage(language: Language = "en"): SamplePage {
  const sample = scriptedSample()
  const workbook = new Workbook({ root: sample.root, language, runner: scriptedRunner(sample.root, numbers) })
  const door: Door = { ...newDoor(), port }
  const app = createApp({ root: sample.root, workbook, door })
  const ask = async (path: string, init: RequestInit = {}) => await app.request(path, { ...init, headers: { host, ...init.headers } })
  return {
    root: sample.root,
    write: sample.write,
    app,
    workbook,
    door,
    ask,
    send: (method, path, body) => {
      const headers = { [tokenHeader]: door.token, origin: `http://${host}`, "content-type": "application/json" }
      return ask(path, { method, headers, ...(method !== "GET" && { body: JSON.stringify(body) }) })
    },
    [Symbol.dispose]: () => sample[Symbol.dispose](),
  }
}
