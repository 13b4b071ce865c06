/** What a chapter says about itself before it begins. */
export interface FrontMatter {
  /** The number of the section in the notes, as in "3.3.5". */
  readonly id: string
  readonly title: string
  readonly minutes: number
  /** Every exercise of the section, in order, with the numbers of its tasks. */
  readonly tasks: readonly { readonly exercise: string; readonly numbers: readonly number[] }[]
  /** Sections that come before. */
  readonly needs: readonly string[]
  readonly leavesOut: readonly string[]
}

const names = ["id", "title", "minutes", "tasks", "needs", "leaves-out"]

/** @throws {TypeError} that says what is and what should be */
export function checkFrontMatter(value: unknown): FrontMatter {
  if (!isRecord(value)) throw new TypeError("The front matter must be a YAML mapping.")
  const unknown = Object.keys(value).find((name) => !names.includes(name))
  if (unknown) throw new TypeError(`The front matter has an unknown entry "${unknown}": it takes ${names.join(", ")}.`)
  const id = value.id
  if (typeof id !== "string" || !/^\d+(\.\d+)*$/.test(id)) {
    throw new TypeError(`"id" must be a section number in quotes, as in "3.3.5": got ${JSON.stringify(id)}.`)
  }
  const title = value.title
  if (typeof title !== "string" || title.trim() === "") throw new TypeError(`"title" must be text: got ${JSON.stringify(title)}.`)
  const minutes = value.minutes
  if (!Number.isInteger(minutes) || (minutes as number) < 1)
    throw new TypeError(`"minutes" must be a whole number: got ${JSON.stringify(minutes)}.`)
  return {
    id,
    title,
    minutes: minutes as number,
    tasks: checkTasks(value.tasks, id),
    needs: checkTexts(value.needs, "needs"),
    leavesOut: checkTexts(value["leaves-out"], "leaves-out"),
  }
}

function checkTasks(value: unknown, id: string): FrontMatter["tasks"] {
  if (!Array.isArray(value) || value.length === 0) throw new TypeError('"tasks" must be a list with at least one exercise.')
  let last = 0
  return value.map((entry: unknown) => {
    const { exercise, numbers } = isRecord(entry) ? entry : {}
    if (typeof exercise !== "string" || !exercise.startsWith(`${id}/`)) {
      throw new TypeError(`"tasks": an exercise must be named "${id}/<name>": got ${JSON.stringify(exercise)}.`)
    }
    if (!Array.isArray(numbers) || numbers.length === 0) throw new TypeError(`"tasks": ${exercise} must have a list of numbers.`)
    for (const number of numbers) {
      if (number !== ++last) throw new TypeError(`"tasks": ${exercise} must go on with number ${last}: got ${JSON.stringify(number)}.`)
    }
    return { exercise, numbers: numbers as number[] }
  })
}

function checkTexts(value: unknown, name: string): string[] {
  if (Array.isArray(value) && value.every((entry) => typeof entry === "string")) return value
  throw new TypeError(`"${name}" must be a list of texts, [] for none: got ${JSON.stringify(value)}.`)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value)
}
