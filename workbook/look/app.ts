import { Hono } from "hono"
import { html } from "hono/html"
import { isLanguage, type Language } from "../language.ts"
import { serveFiles } from "../page/app.ts"
import { type Door, guard, needsToken, type PageEnvironment } from "../page/guard.ts"
import { liveStream } from "../page/live-stream.ts"
import { acceptedLanguage } from "../page/reading.ts"
import { document } from "../page/render/layout.ts"
import { pageWords } from "../page/words/index.ts"
import { sightView } from "./live-view.ts"
import type { Sight } from "./look-at.ts"

export interface LookOptions {
  readonly door: Door
  readonly title: string
  /** Throws if there is nothing to be seen at this moment. */
  look(): Sight
  /** Stands above the picture. */
  head?(language: Language): ReturnType<typeof html>
  /** Stands in the picture, and is told again with it. */
  status?(language: Language): string
  readonly kind: "look" | "lab"
}

const lookEveryMs = 400

/** A broker's file on a page: drawn and in words, again and again. */
export function createLookApp(options: LookOptions): Hono<PageEnvironment> {
  const app = new Hono<PageEnvironment>()
  const { door, title, kind, head } = options
  app.use(guard(door))
  serveFiles(app)
  app.use("/api/*", needsToken(door))
  app.get("/api/live/:language", (context) => {
    const language = context.req.param("language")
    if (!isLanguage(language)) return context.notFound()
    return liveStream(context, { current: () => ({ html: String(sight(options, language)) }), onChange: everySoOften })
  })
  app.get("/", (context) => context.redirect(`/${acceptedLanguage(context.req.header("accept-language"), "en")}/`))
  app.get("/:language/", (context) => {
    const language = context.req.param("language")
    if (!isLanguage(language)) return context.notFound()
    const frame = { language, title, address: "", nonce: context.var.nonce, kind }
    return context.html(
      document(
        frame,
        html`<main id="text" class="live-page" tabindex="-1">${head?.(language) ?? html`<h1>${pageWords[language].live.title}: ${title}</h1>`}<div id="live">${sight(options, language)}</div></main>`,
      ),
    )
  })
  app.onError((error, context) => context.text(error.message, 500))
  return app
}

function sight({ look, status }: LookOptions, language: Language) {
  try {
    return html`${status ? html`<p class="status">${status(language)}</p>` : ""}${sightView(look(), language)}`
  } catch (error) {
    return html`<p class="bad" role="alert">${pageWords[language].live.gone} (${(error as Error).message})</p>`
  }
}

function everySoOften(told: () => void): () => void {
  const timer = setInterval(told, lookEveryMs)
  return () => clearInterval(timer)
}
