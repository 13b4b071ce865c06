import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import type { Language } from "../language.ts"

/** A plausible wrong answer to an exercise, and how its test says so. */
export interface Mistake {
  readonly words: string
  /** "1, 3" */
  readonly tasks: string
  readonly failure: string
}

/** Of one exercise ("<section>/<n>-<name>.ts"), from the wrong answers that its tests are proved with. */
export function mistakesOf(root: string, file: string, language: Language): Mistake[] {
  const directory = join(root, "test", "wrong-answers", file.replace(/\.ts$/, ""))
  if (!existsSync(directory)) return []
  const names = readdirSync(directory).filter((name) => name.endsWith(".ts"))
  return names.sort().map((name) => {
    const code = readFileSync(join(directory, name), "utf8")
    const told = join(directory, name.replace(/\.ts$/, `.${language}.txt`))
    return {
      words: new RegExp(`^// ${language}: (.*)$`, "m").exec(code)?.[1] ?? "",
      tasks: [...(/^\/\/ caught by: (.*)$/m.exec(code)?.[1] ?? "").matchAll(/\d+/g)].join(", "),
      failure: existsSync(told) ? readFileSync(told, "utf8").trimEnd() : "",
    }
  })
}
