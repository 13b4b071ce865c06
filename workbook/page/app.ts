import { type Context, Hono } from "hono"
import { HTTPException } from "hono/http-exception"
import { isLanguage, type Language, languages } from "../language.ts"
import type { Workbook } from "../workbook.ts"
import { workApi } from "./api.ts"
import { ClientBuild } from "./client-build.ts"
import { fileResponse, fontFiles, fontPackages, fontStyles, styleFiles } from "./files.ts"
import { type Door, guard, type PageEnvironment } from "./guard.ts"
import { acceptedLanguage, Reading } from "./reading.ts"
import { pageWords } from "./words/index.ts"

export interface AppOptions {
  readonly root: string
  readonly workbook: Workbook
  readonly door: Door
}

/** The workbook on a page, as a function from request to response. */
export function createApp({ root, workbook, door }: AppOptions): Hono<PageEnvironment> {
  const app = new Hono<PageEnvironment>()
  const reading = new Reading(root, () => workbook.state())
  app.use(guard(door))
  serveFiles(app)
  app.route("/api", workApi({ root, workbook, door }))
  app.get("/", (context) => {
    const language = acceptedLanguage(context.req.header("accept-language"), workbook.state().language)
    return context.redirect(`/${language}/`)
  })
  app.get("/:language/", (context) => {
    const language = languageOf(context)
    return language ? context.html(reading.contents(language, context.var.nonce)) : context.notFound()
  })
  app.get("/:language/:section", (context) => {
    const language = languageOf(context)
    const page = language && reading.section(language, context.req.param("section"), context.var.nonce)
    return page ? context.html(page) : context.notFound()
  })
  app.notFound((context) => {
    const language = acceptedLanguage(context.req.header("accept-language"), workbook.state().language)
    return context.html(reading.notFound(language, context.get("nonce")), 404)
  })
  app.onError((error, context) => (error instanceof HTTPException ? error.getResponse() : context.text(error.message, 500)))
  return app
}

function languageOf(context: Context): Language | undefined {
  const language = context.req.param("language")
  return isLanguage(language) ? language : undefined
}

/** Stands in for the script that could not be built, and says so. */
function withoutClient(error: Error): string {
  const sentences = Object.fromEntries(languages.map((language) => [language, pageWords[language].notBuilt(error.message)]))
  // What a script is told as JSON is text there, whatever it says.
  return `const place = document.getElementById("work") ?? document.getElementById("live")
const note = Object.assign(document.createElement("p"), { className: "bad", textContent: ${JSON.stringify(sentences)}[document.documentElement.lang] })
note.setAttribute("role", "alert")
place?.replaceChildren(note)
`
}

/** Styles, typefaces and the built script: public, and each from its table. */
export function serveFiles(app: Hono<PageEnvironment>, client: Pick<ClientBuild, "files"> = new ClientBuild()): void {
  const day = "private, max-age=86400"
  const fontTables = new Map(fontPackages.map((name) => [`${name}.css`, fontStyles(name)]))
  app.get("/assets/:name", async (context) => {
    const files = await client.files().catch((error: Error) => error)
    if (files instanceof Error) return context.body(withoutClient(files), 200, { "content-type": "text/javascript; charset=utf-8" })
    return (await fileResponse(files, context.req.param("name"), "no-cache")) ?? context.notFound()
  })
  app.get("/style/:name", async (context) => (await fileResponse(styleFiles, context.req.param("name"), "no-cache")) ?? context.notFound())
  app.get("/fonts/:name", async (context) => (await fileResponse(fontTables, context.req.param("name"), day)) ?? context.notFound())
  app.get("/fonts/files/:name", async (context) => (await fileResponse(fontFiles, context.req.param("name"), day)) ?? context.notFound())
}
