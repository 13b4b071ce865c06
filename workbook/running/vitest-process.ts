/**
 * The process that runs the exercises' tests. It is apart from the workbook so that it can be stopped whatever the learner's
 * code does, and it stays, so that a save is answered at once. Each test file has a thread of its own.
 */
import { availableParallelism } from "node:os"
import { join } from "node:path"
import { createVitest, type Reporter, type TestModule, type Vitest } from "vitest/node"
import type { Job, ModuleResult, RunnerMessage, RunRequest, ThrownError } from "./protocol.ts"
import { Sources } from "./sources.ts"
import { workPlugin } from "./work-plugin.ts"

const root = process.argv[2] ?? ""
const printedCharactersMax = 10_000
const testLimitMs = 5_000

/** Of the run that goes on: the modules' ids, in the order of the request's jobs. */
let ids: readonly string[] = []

/** Thrown where nobody awaited it. */
type FloatingError = ThrownError & { readonly VITEST_TEST_PATH?: string; readonly VITEST_TEST_NAME?: string }

function send(message: RunnerMessage): void {
  process.send?.(message)
}

/** The module's id carries the job (read by setup.ts and work-plugin.ts), so that many of one exercise can be run side by side. */
function moduleId({ file, work, language, seed = 1, tests = [] }: Job): string {
  const query = new URLSearchParams([["work", work], ["language", language], ["seed", `${seed}`], ...tests.map((title) => ["test", title])])
  return `${join(root, "test", "exercises", file.replace(/\.ts$/, ".test.ts"))}?${query}`
}

function reporter(vitest: () => Vitest): Reporter {
  const printed = new Map<string, string>()
  return {
    onUserConsoleLog({ taskId, content }) {
      const entity = taskId ? vitest().state.getReportedEntityById(taskId) : undefined
      if (!entity) return
      const id = entity.type === "module" ? entity.moduleId : entity.module.moduleId
      printed.set(id, ((printed.get(id) ?? "") + content).slice(0, printedCharactersMax))
    },
    onTestModuleEnd: () => send({ type: "alive" }),
    onTestRunEnd(modules, unhandled) {
      for (const module of modules) {
        const floating = (unhandled as readonly FloatingError[]).filter((error) => error.VITEST_TEST_PATH === module.moduleId)
        const result = moduleResult(module, floating, printed.get(module.moduleId) ?? "")
        send({ type: "result", index: ids.indexOf(module.moduleId), result })
      }
      printed.clear()
    },
  }
}

/** An error that nobody awaited belongs to the test that ran when it came; one that came after them all, to the last. */
function moduleResult(module: TestModule, floating: readonly FloatingError[], printed: string): ModuleResult {
  const cases = [...module.children.allTests()]
  const owner = (error: FloatingError) => cases.find((test) => test.name === error.VITEST_TEST_NAME) ?? cases.at(-1)
  const tests = cases.map((test) => {
    const own = floating.filter((error) => owner(error) === test)
    const errors = [...((test.result().errors ?? []) as readonly ThrownError[]), ...own].map(plainError)
    return { title: test.name, errors, passed: test.result().state === "passed" && own.length === 0 }
  })
  return { errors: (module.errors() as readonly ThrownError[]).map(plainError), tests, printed }
}

function plainError({ name, message, stack, task, tracePath }: ThrownError): ThrownError {
  return { ...(name && { name }), ...(message && { message }), ...(stack && { stack }), task, tracePath }
}

async function run(vitest: Vitest, request: RunRequest): Promise<void> {
  ids = request.jobs.map(moduleId)
  // Each thread begins with a copy of it.
  process.env.WAYSTATION_RUN_LOG = request.log
  Object.assign(vitest.config.sequence, { seed: request.shuffleSeed ?? 0, shuffle: request.shuffleSeed !== undefined })
  const project = vitest.getRootProject()
  project.config.isolate = request.isolate
  for (const file of project.vite.moduleGraph.fileToModulesMap.keys()) if (!sources.isAsRead(file)) vitest.invalidateFile(file)
  await vitest.runTestSpecifications(ids.map((id) => project.createSpecification(id)))
  send({ type: "end" })
}

const sources = new Sources()
const vitest: Vitest = await createVitest(
  "test",
  {
    root,
    config: false,
    watch: false,
    cache: false,
    // Other runs of vitest share that directory and may clear it under this one.
    fsModuleCache: false,
    // Under Deno the pool of threads calls something that is not there.
    pool: process.versions.deno ? "forks" : "threads",
    maxWorkers: availableParallelism(),
    testTimeout: testLimitMs,
    setupFiles: [join(import.meta.dirname, "setup.ts")],
    reporters: [reporter(() => vitest)],
  },
  { plugins: [workPlugin(root), sources.plugin] },
)
process.on("message", (request: RunRequest) => void run(vitest, request))
process.on("disconnect", () => process.exit())
send({ type: "ready" })
