import type { Language } from "../../language.ts"
import { pageWords } from "../words/index.ts"

export const language: Language = document.documentElement.lang === "ko" ? "ko" : "en"
export const words = pageWords[language]
/** "3.3.5", or "" on a page that is no section's. */
export const section = document.documentElement.dataset.section ?? ""
export const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? ""

type Deed = () => void

/** What keys do on this page; whoever brings something to do adds it. */
const deeds = new Map<string, Deed>()

export function onKey(key: string, deed: Deed): void {
  deeds.set(key, deed)
}

/** Makes the frame of the page live: theme, language, contents and keys. */
export function startFrame(): void {
  const help = helpDialog()
  const does: Record<string, Deed> = { theme: toggleTheme, keys: () => help.showModal() }
  for (const button of document.querySelectorAll<HTMLElement>("button[data-does]")) {
    button.hidden = false
    button.addEventListener("click", () => does[button.dataset.does ?? ""]?.())
  }
  keepPlaceAcrossLanguages()
  for (const details of document.querySelectorAll<HTMLDetailsElement>('[data-opens="wide"]')) {
    details.open = matchMedia("(min-width: 90rem)").matches
  }
  onKey("t", toggleTheme)
  onKey("?", () => help.showModal())
  onKey("o", () => document.querySelector<HTMLAnchorElement>('[data-does="language"]')?.click())
  onKey("l", toContents)
  onKey("j", () => toPart(1))
  onKey("k", () => toPart(-1))
  onKey("w", () => document.getElementById("work")?.focus())
  document.addEventListener("keydown", press)
}

function press(event: KeyboardEvent): void {
  const target = event.target as HTMLElement
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return
  if (target.isContentEditable || target.closest("input, textarea, select, .cm-editor")) return
  const deed = deeds.get(event.key)
  if (!deed) return
  event.preventDefault()
  deed()
}

function toggleTheme(): void {
  const root = document.documentElement
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches
  root.dataset.theme = dark ? "light" : "dark"
  localStorage.setItem("waystation-theme", root.dataset.theme)
}

/** The headings' anchors are the same in both languages: whoever changes goes on reading at the same part. */
function keepPlaceAcrossLanguages(): void {
  for (const link of document.querySelectorAll<HTMLAnchorElement>('[data-does="language"]')) {
    link.addEventListener("click", () => {
      const part = parts().findLast((heading) => heading.getBoundingClientRect().top < innerHeight / 2)
      link.hash = part ? part.id : ""
    })
  }
}

function parts(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>(".chapter h2[id]")]
}

function toContents(): void {
  const details = document.querySelector<HTMLDetailsElement>(".contents details")
  if (details) details.open = true
  document.querySelector<HTMLElement>(".sections [aria-current], .sections a")?.focus()
}

function toPart(by: 1 | -1): void {
  const all = parts()
  // A heading that was gone to stands just below the bar.
  const edge = 90
  const next =
    by === 1 ? all.find((part) => part.getBoundingClientRect().top > edge) : all.findLast((part) => part.getBoundingClientRect().top < 40)
  if (!next) {
    scrollTo({ top: by === 1 ? document.body.scrollHeight : 0 })
    return
  }
  next.tabIndex = -1
  next.focus({ preventScroll: true })
  next.scrollIntoView()
}

function helpDialog(): HTMLDialogElement {
  const dialog = document.createElement("dialog")
  dialog.className = "keys"
  const title = document.createElement("h2")
  title.id = "keys-title"
  title.textContent = words.keys
  dialog.setAttribute("aria-labelledby", title.id)
  const list = document.createElement("dl")
  for (const [key, meaning] of words.keyList) {
    const [term, description] = [document.createElement("dt"), document.createElement("dd")]
    term.textContent = key ?? ""
    description.textContent = meaning ?? ""
    list.append(term, description)
  }
  const close = document.createElement("button")
  close.textContent = words.close
  close.addEventListener("click", () => dialog.close())
  dialog.append(title, list, close)
  document.body.append(dialog)
  return dialog
}
