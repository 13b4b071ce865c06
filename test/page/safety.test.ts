import { existsSync, readFileSync } from "node:fs"
import { connect } from "node:net"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest"
import { tokenHeader } from "#workbook/page/guard.ts"
import { chapterHtml } from "#workbook/page/render/chapter.ts"
import { listen } from "#workbook/page/server.ts"
import { doubling } from "../workbook/support/sample.ts"
import { foreignHosts, foreignOrigins, scripts, traversals } from "./support/hostile.ts"
import { host, type SamplePage, samplePage } from "./support/page.ts"

let page: SamplePage

// One for all: whatever is refused leaves it as it was.
beforeAll(() => {
  page = samplePage()
})

afterAll(() => page[Symbol.dispose]())

const places = ["/", "/en/", "/style/", "/assets/", "/fonts/", "/fonts/files/", "/api/"]

describe("who may ask", () => {
  test.each(foreignHosts)("not the Host %j, by which a foreign name could have been led here", async (foreign) => {
    for (const path of ["/en/", "/style/book.css", "/api/state"]) {
      const response = await page.app.request(path, { headers: { host: foreign, [tokenHeader]: page.door.token } })
      expect(response.status).toBe(403)
    }
  })

  test.each(foreignOrigins)("not the Origin %j", async (origin) => {
    for (const method of ["GET", "POST"]) {
      const response = await page.ask("/api/hint", { method, headers: { origin, [tokenHeader]: page.door.token } })
      expect(response.status).toBe(403)
    }
    expect(page.workbook.state().current.hints).toEqual([])
  })

  test("not a page of another site or of another port, for anything but a link that the reader follows", async () => {
    for (const site of ["cross-site", "same-site"]) {
      const asked = async (headers: Record<string, string>) =>
        (await page.ask("/en/", { headers: { "sec-fetch-site": site, ...headers } })).status
      expect(await asked({ "sec-fetch-mode": "no-cors", "sec-fetch-dest": "script" })).toBe(403)
      expect(await asked({ "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" })).toBe(403)
      expect(await asked({ "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" })).toBe(403)
      expect(await asked({ "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" })).toBe(200)
    }
  })

  test("the address bar and the page itself", async () => {
    for (const site of ["none", "same-origin"]) expect((await page.ask("/en/", { headers: { "sec-fetch-site": site } })).status).toBe(200)
    expect((await page.ask("/en/", { headers: { host: "localhost:4330" } })).status).toBe(200)
  })
})

describe("what needs the token", () => {
  const requests = [
    ["GET", "/api/state"],
    ["GET", "/api/events"],
    ["GET", "/api/file?exercise=1.1/doubling"],
    ["GET", "/api/versions?exercise=1.1/doubling"],
    ["GET", "/api/traces"],
    ["PUT", "/api/file"],
    ["POST", "/api/go"],
    ["POST", "/api/hint"],
    ["POST", "/api/reset"],
    ["POST", "/api/language"],
    ["POST", "/api/prediction"],
    ["POST", "/api/run-program"],
    ["POST", "/api/versions"],
    ["POST", "/api/versions/bring-back"],
    ["DELETE", "/api/file"],
  ] as const

  test.each(requests)("%s %s", async (method, path) => {
    const before = readFileSync(join(page.root, doubling), "utf8")
    const { token } = page.door
    for (const wrong of [undefined, "", "x", token.slice(1), `${token}x`, token.toLowerCase(), `${token} ${token}`]) {
      const headers = { "content-type": "application/json", ...(wrong !== undefined && { [tokenHeader]: wrong }) }
      const body = JSON.stringify({
        exercise: "1.1/doubling",
        text: "gone",
        over: "",
        keepOld: false,
        again: true,
        section: "1.1",
        language: "ko",
      })
      const response = await page.ask(path, { method, headers, ...(method !== "GET" && { body }) })
      expect(response.status).toBe(403)
    }
    expect(readFileSync(join(page.root, doubling), "utf8")).toBe(before)
    expect(existsSync(join(page.root, "exercises/.kept"))).toBe(false)
  })

  test("the token is in no page and no file that is given without it", async () => {
    for (const path of ["/en/", "/en/1.1", "/ko/0", "/style/book.css", "/nothing"]) {
      expect(await (await page.ask(path)).text()).not.toContain(page.door.token)
    }
  })

  test("and it is another at each start", () => {
    using other = samplePage()
    expect(other.door.token).not.toBe(page.door.token)
    expect(page.door.token.length).toBeGreaterThanOrEqual(32)
  })
})

describe("what can be had", () => {
  test.each(traversals)("no file by the name %j", async (name) => {
    for (const place of places) {
      const response = await page.ask(new Request(`http://${host}${place}`).url + name.replace(/^\//, "%2f"), {
        headers: { [tokenHeader]: page.door.token },
      })
      expect([200, 302, 400, 403, 404]).toContain(response.status)
      const body = await response.text()
      expect(body).not.toMatch(/root:.*:0:0|"devDependencies"|\[core\]|import .* from/)
    }
  })

  test("nor past the address parser, over a socket", async () => {
    using page = samplePage()
    const server = await listen(page.app, page.door, 0)
    onTestFinished(() => server.stop())
    for (const name of traversals.filter((entry) => !/[\s\u202e]/.test(entry))) {
      const answer = await rawRequest(
        page.door.port,
        `GET /style/${name} HTTP/1.1\r\nHost: 127.0.0.1:${page.door.port}\r\nConnection: close\r\n\r\n`,
      )
      expect(answer).not.toMatch(/root:.*:0:0|"devDependencies"|import .* from/)
      expect(answer).toMatch(/^HTTP\/1\.1 (400|403|404|500|302|431) |^$/)
    }
  })

  test("no more than the body's bound, and nothing that is not JSON of the right form", async () => {
    const headers = { [tokenHeader]: page.door.token, "content-type": "application/json" }
    const tooLong = await page.ask("/api/hint", { method: "POST", headers, body: `{"again":true,"x":"${"x".repeat(1_100_000)}"}` })
    expect(tooLong.status).toBe(413)
    for (const body of ["", "{", "null", "[]", '"again"', '{"again":1}', '{"__proto__":{"again":true}}', "[".repeat(10_000)]) {
      expect((await page.ask("/api/hint", { method: "POST", headers, body })).status).toBe(400)
    }
    expect(page.workbook.state().current.hints).toEqual([])
  })

  test.each(traversals)("no exercise by the id %j", async (exercise) => {
    const answers = await Promise.all([
      page.send("PUT", "/api/file", { exercise, text: "gone", over: "", keepOld: false }),
      page.send("POST", "/api/go", { exercise }),
      page.send("POST", "/api/versions/bring-back", { exercise: "1.1/doubling", name: exercise }),
      page.send("POST", "/api/prediction", { section: exercise, text: "x" }),
      page.send("POST", "/api/run-program", { section: exercise }),
    ])
    expect(answers.map((answer) => answer.status)).toEqual([400, 400, 400, 400, 400])
  })
})

describe("what is shown is text", () => {
  const tags =
    "h1 h2 h3 p a strong em code pre ul ol li table thead tbody tr th td blockquote hr br figure figcaption svg g path polygon text circle rect line details summary section div span img".split(
      " ",
    )
  const attributes =
    "href id class tabindex role aria-label data-hint rel target title viewBox width height xmlns d points x y cx cy r start src alt style transform".split(
      " ",
    )

  test.each(scripts)("%j in a chapter", (script) => {
    const html = chapterHtml(script, { language: "en", chapterAddress: () => undefined })
    for (const [tag, name = ""] of html.matchAll(/<([a-zA-Z!/?][^\s>/]*)(?:"[^"]*"|[^">])*>/g)) {
      expect(tags).toContain(name.replace(/^\//, ""))
      for (const [, attribute] of tag.matchAll(/\s([^\s=>"]+)="[^"]*"/g)) expect(attributes).toContain(attribute)
      expect(tag).not.toMatch(/(?:href|src)="\s*(?:javascript|vbscript|data|file):/i)
      expect(tag).not.toMatch(/src="\/\//)
    }
  })

  test("and every answer forbids foreign scripts, frames and forms", async () => {
    for (const path of ["/en/", "/en/1.1", "/nothing", "/style/book.css", "/api/state"]) {
      const { headers } = await page.ask(path)
      const policy = headers.get("content-security-policy") ?? ""
      for (const part of [
        "default-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "script-src 'self' 'nonce-",
      ]) {
        expect(policy).toContain(part)
      }
      expect(policy).not.toMatch(/unsafe|\*|https?:/)
      expect(headers.get("x-content-type-options")).toBe("nosniff")
      expect(headers.get("referrer-policy")).toBe("no-referrer")
      expect(headers.get("access-control-allow-origin")).toBeNull()
    }
  })
})

test("nobody else on the network can ask: only the loopback address is listened on", async () => {
  using page = samplePage()
  const server = await listen(page.app, page.door, 0)
  onTestFinished(() => server.stop())
  expect(server.address).toBe(`http://127.0.0.1:${page.door.port}/#token=${page.door.token}`)
  await expect(rawRequest(page.door.port, "", "127.0.0.2")).rejects.toThrow(/ECONNREFUSED|EADDRNOTAVAIL/)
})

test("a busy port is told, and the next one taken", async () => {
  using page = samplePage()
  const first = await listen(page.app, page.door, 0)
  onTestFinished(() => first.stop())
  const { port } = page.door
  using other = samplePage()
  const second = await listen(other.app, other.door, port)
  onTestFinished(() => second.stop())
  expect(second.busyPorts[0]).toBe(port)
  expect(other.door.port).toBe(port + second.busyPorts.length)
})

async function rawRequest(port: number, request: string, address = "127.0.0.1"): Promise<string> {
  const socket = connect(port, address)
  const answer = text(socket)
  socket.end(request)
  return await answer
}
