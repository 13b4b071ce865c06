import { describe, expect, test } from "vitest"
import { differenceOfTask } from "#workbook/difference.ts"

const original = `import { Todo } from "#workbook/todo.ts"

/** Task 1. */
export function one(): number {
  throw new Todo(1)
}

/** Task 2. */
export function two(): number {
  throw new Todo(2)
}
`
const solution = `import { createHash } from "node:crypto"

/** Task 1. In other words. */
export function one(): number {
  // It says why.
  return size("one")
}

const size = (text: string) => createHash("md5").update(text).digest().length

/** Task 2. */
export function two(): number {
  return 2
}
`

describe("the difference to the solution", () => {
  test("is of the current task alone, without comments", () => {
    expect(differenceOfTask(original, solution, original, 2)).toEqual([
      " export function two(): number {",
      "-  throw new Todo(2)",
      "+  return 2",
      " }",
    ])
  })

  test("has what helps the solution, and the imports that are lacking", () => {
    expect(differenceOfTask(original, solution, original, 1)).toEqual([
      '+import { createHash } from "node:crypto"',
      " ",
      " export function one(): number {",
      "-  throw new Todo(1)",
      '+  return size("one")',
      " }",
      '+const size = (text: string) => createHash("md5").update(text).digest().length',
    ])
  })

  test("is nothing when the code is the same, whatever its comments say and the other tasks do", () => {
    const mine = solution.replace("Task 1. In other words.", "Mine.").replace("return 2", "throw new Todo(2)")
    expect(differenceOfTask(mine, solution, original, 1)).toEqual([])
    expect(differenceOfTask(solution, solution, original)).toEqual([])
  })

  test("has the whole function where the learner's file has none, or cannot be read", () => {
    const added = ["+export function two(): number {", "+  return 2", "+}"]
    expect(differenceOfTask("", solution, original, 2)).toEqual(added)
    expect(differenceOfTask("}} not code", solution, original, 2)).toEqual(added)
  })
})
