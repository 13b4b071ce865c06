import type { Hono } from "hono"
import { html } from "hono/html"
import type { Language } from "../language.ts"
import { createLookApp } from "../look/app.ts"
import type { Looker } from "../look/look-at.ts"
import type { Door, PageEnvironment } from "../page/guard.ts"
import { isKnob, knobs } from "./knobs.ts"
import type { Lab } from "./lab.ts"
import { labWords } from "./words.ts"

/** The laboratory on a page: knobs above, and below the live picture of its file. */
export function createLabApp(lab: Lab, looker: Looker, door: Door): Hono<PageEnvironment> {
  const status = (language: Language) => labWords[language].status(lab.producers, lab.consumers)
  const app = createLookApp({ door, title: labWords.en.title, kind: "lab", look: () => looker.look(), head: knobList, status })
  app.post("/api/knob", async (context) => {
    const body = await context.req.json().catch(() => undefined)
    const knob = body?.knob
    if (!isKnob(knob)) return context.json({ error: "There is no such knob." }, 400)
    await lab.turn(knob)
    return context.json({ producers: lab.producers, consumers: lab.consumers })
  })
  return app
}

function knobList(language: Language) {
  const words = labWords[language]
  const items = knobs.map(({ name, section }) => {
    const [label, meaning] = words.knobs[name]
    return html`<li><button type="button" class="plain" data-knob="${name}">${label}</button><span>${meaning} <span class="label">(${words.section(section)})</span></span></li>`
  })
  return html`<div class="bench"><h1>${words.title}</h1><p>${words.intro}</p><ul class="knobs">${items}</ul></div>`
}
