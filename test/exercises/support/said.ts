import { code } from "./language.ts"

/** A value as it stands in a sentence. */
export function shown(value: unknown): string {
  return code(JSON.stringify(value) ?? String(value))
}

/** What was thrown, on one line; of a validator's issues, what each says and where. */
export function complaint(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown)
  const issues = "issues" in thrown && Array.isArray(thrown.issues) ? (thrown.issues as { message: string; path?: PropertyKey[] }[]) : []
  const said = issues.map(({ message, path = [] }) => [path.join("."), message].filter(Boolean).join(": ")).join("; ")
  return (said || thrown.message || thrown.name).replace(/\s+/g, " ").slice(0, 120)
}

/** Where two JSON values first differ, and what stands there; nothing if they are the same. */
export interface Difference {
  readonly path: string
  readonly came: unknown
  readonly expected: unknown
}

export function difference(came: unknown, expected: unknown, path = ""): Difference | undefined {
  if (!isTree(came) || !isTree(expected) || Array.isArray(came) !== Array.isArray(expected)) {
    return Object.is(came, expected) ? undefined : { path, came, expected }
  }
  for (const name of new Set([...Object.keys(expected), ...Object.keys(came)])) {
    const step = Array.isArray(expected) ? `${path}[${name}]` : [path, name].filter(Boolean).join(".")
    const found = difference(came[name], expected[name], step)
    if (found) return found
  }
  return undefined
}

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null
}
