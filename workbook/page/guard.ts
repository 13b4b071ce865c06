import { randomBytes, timingSafeEqual } from "node:crypto"
import type { Context, MiddlewareHandler } from "hono"

/** What a request must know and where it must come from. */
export interface Door {
  /** The port that is listened on; known only once it is open. */
  port: number
  /** Made at each start, and told to nobody but the one who reads the terminal. */
  readonly token: string
}

/** What a view sets before it is sent, for the page's content security policy. */
export type PageEnvironment = { Variables: { nonce: string } }

export const tokenHeader = "x-waystation-token"

export function newDoor(): Door {
  return { port: 0, token: randomBytes(24).toString("base64url") }
}

/**
 * Lets in only what a page of this server, or the reader at the address bar, has asked for. Another site that leads its own name to
 * 127.0.0.1 (DNS rebinding) gives itself away by the Host, a cross-site request by Origin or Sec-Fetch-Site.
 */
export function guard(door: Door): MiddlewareHandler<PageEnvironment> {
  return async (context, next) => {
    context.set("nonce", randomBytes(16).toString("base64"))
    const refusal = refusalOf(context, door)
    if (refusal) context.res = context.text(refusal, 403)
    else await next()
    setHeaders(context)
  }
}

/** Whatever is private or changes anything demands the token. A cookie would go to every port of the machine; a header does not. */
export function needsToken(door: Door): MiddlewareHandler<PageEnvironment> {
  return async (context, next) => {
    if (!sameText(context.req.header(tokenHeader) ?? "", door.token))
      return context.text("This needs the token of the printed address.", 403)
    await next()
  }
}

function refusalOf({ req }: Context, { port }: Door): string | undefined {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`]
  const host = req.header("host") ?? ""
  if (!hosts.includes(host)) return "Unknown host: use the address that the terminal prints."
  const origin = req.header("origin")
  if (origin !== undefined && origin !== `http://${host}`) return "Another site has no business here."
  const site = req.header("sec-fetch-site")
  const reader = req.method === "GET" && req.header("sec-fetch-mode") === "navigate" && req.header("sec-fetch-dest") === "document"
  if (site !== undefined && site !== "same-origin" && site !== "none" && !reader) return "Another site has no business here."
  return undefined
}

function sameText(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)]
  return one.length === other.length && timingSafeEqual(one, other)
}

function setHeaders({ res, var: { nonce } }: Context<PageEnvironment>): void {
  const policy = [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}'`,
    `style-src 'self' 'nonce-${nonce}'`,
    "font-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ]
  res.headers.set("content-security-policy", policy.join("; "))
  res.headers.set("x-content-type-options", "nosniff")
  res.headers.set("referrer-policy", "no-referrer")
  res.headers.set("cross-origin-opener-policy", "same-origin")
  res.headers.set("cross-origin-resource-policy", "same-origin")
  if (!res.headers.has("cache-control")) res.headers.set("cache-control", "no-store")
}
