/** The page's way to the workbook: requests that carry the token, and the live stream. */
const tokenName = "waystation-token"

/** Takes the token from the address bar, where it would be shown and shared. Kept for this origin, so that every tab has it. */
export function takeToken(): void {
  const token = /^#token=([\w-]+)$/.exec(location.hash)?.[1]
  if (!token) return
  localStorage.setItem(tokenName, token)
  history.replaceState(null, "", location.pathname)
}

export class RefusedError extends Error {}

/** @throws {RefusedError} if the token is not this workbook's */
export async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  const token = localStorage.getItem(tokenName) ?? ""
  const response = await fetch(`/api/${path}`, { ...init, headers: { "content-type": "application/json", "x-waystation-token": token } })
  if (response.status === 403) throw new RefusedError(await response.text())
  return response
}

export async function get<Answer>(path: string): Promise<Answer> {
  return (await (await ask(path)).json()) as Answer
}

export async function post<Answer = unknown>(path: string, body: unknown = {}): Promise<Answer> {
  return (await (await ask(path, { method: "POST", body: JSON.stringify(body) })).json()) as Answer
}

export interface Hearing<State> {
  heard(state: State): void
  /** The stream broke off; it is tried again. */
  lost(): void
  /** The token is not, or no longer, this workbook's. */
  refused(): void
}

const retryMs = 1_000

/** Hears every state until the page is left. */
export async function hear<State>(path: string, { heard, lost, refused }: Hearing<State>): Promise<void> {
  for (;;) {
    try {
      const response = await ask(path)
      if (!response.body) throw new Error("There is no stream.")
      await readEvents(response.body, (data) => heard(JSON.parse(data) as State))
      lost()
    } catch (error) {
      if (error instanceof RefusedError) return refused()
      lost()
    }
    await new Promise((resolve) => setTimeout(resolve, retryMs))
  }
}

/** Server-sent events of which only the data matters. An EventSource could not send the token. */
async function readEvents(body: ReadableStream<Uint8Array>, heard: (data: string) => void): Promise<void> {
  const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader()
  for (let text = ""; ; ) {
    const { value, done } = await reader.read()
    if (done) return
    const events = (text + value).split("\n\n")
    text = events.pop() ?? ""
    for (const event of events) {
      const data = event.split("\n").flatMap((line) => (line.startsWith("data: ") ? [line.slice("data: ".length)] : []))
      if (data.length > 0) heard(data.join("\n"))
    }
  }
}
