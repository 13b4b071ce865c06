import { availableParallelism, tmpdir } from "node:os"
import { join } from "node:path"
import { defineConfig } from "vitest/config"
import { BaseSequencer, type TestSpecification } from "vitest/node"

// Many tests start programs: from the second on, Node finds their code compiled. It halves what a start costs.
process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), "waystation-compile-cache")
// With room for what is young, the collector runs seldom: a twentieth of the time of all tests. Deno and Bun have options of their own.
if (!process.versions.bun && !process.versions.deno) process.env.NODE_OPTIONS ??= "--max-semi-space-size=64"

/** The long ones first, so that no worker is left alone with one at the end; vitest itself knows them only from the run before. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => long.findIndex((part) => moduleId.includes(part)) >>> 0
    return (await super.sort(files)).sort((one, other) => place(one) - place(other))
  }
}

// The gates keep two processors busy from one worker: meanwhile the other takes what mostly waits, for killed processes or for time.
const long = [
  "/gate-exercises",
  "/relay-torture",
  "/runner.",
  "/example.",
  "/processes.",
  "/t10-",
  "/t02-",
  "/t01-",
  "/lab.",
  "/t15-",
  "/t05-",
  "/t03-",
  "/journey.",
  "/gate-chapters",
  "/browser.",
  "/t07-",
  "/cli.",
  "/queue-model.",
  "/readme.",
  "/handouts.",
]

/** One project for each kind of test: `vitest --config test/vitest.config.ts --project broker`. */
export default defineConfig({
  test: {
    // Bun's child processes lack a method that the other pool calls.
    pool: process.versions.bun ? "threads" : "forks",
    // All of the machine: some files wait for time or the disk while others compute.
    maxWorkers: availableParallelism(),
    sequence: { sequencer: LongestFirst },
    projects: [
      // What a file leaves behind in memory harms no other here, and each start of a worker costs a quarter of a second.
      { ...project("broker", ["test/broker"]), isolate: false },
      // These patch the broker and count what a process costs.
      project("suites", ["test/suites", "test/stories"]),
      { ...project("workbook", ["test/workbook"]), isolate: false },
      { ...project("page", ["test/page"]), isolate: false },
      project("exercises", ["test/exercises"]),
      // The same tests: #work/* leads to solutions/ under this condition (package.json, "imports").
      project("solutions", ["test/exercises"], ["solution"]),
    ].map(({ conditions, ...test }) => ({ ssr: { resolve: { conditions } }, test })),
  },
})

function project(name: string, folders: string[], conditions: string[] = []) {
  return { name, include: folders.map((folder) => `${folder}/**/*.test.ts`), conditions }
}
