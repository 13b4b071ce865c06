import { appendFileSync } from "node:fs"
import { beforeEach, expect } from "vitest"

// The module's id says what is asked of it, and each module runs this first.
const asked = new URLSearchParams(expect.getState().testPath?.split("?")[1])
process.env.WAYSTATION_LANG = asked.get("language") ?? ""
process.env.WAYSTATION_SEED = asked.get("seed") ?? ""

beforeEach(({ task, skip }) => {
  const titles = asked.getAll("test")
  if (titles.length > 0 && !titles.includes(task.name)) skip()
  // An endless loop lets its thread say nothing more, so what is about to run is written down before it runs.
  const log = process.env.WAYSTATION_RUN_LOG
  if (log) appendFileSync(log, `${task.name}\n`)
})
