import { appendFileSync } from "node:fs"
import { beforeEach } from "vitest"
import { taskNumber } from "../result.ts"

beforeEach(({ task, skip }) => {
  const tasks = new URLSearchParams(task.file.filepath.split("?")[1]).get("tasks")
  if (tasks && !tasks.split(",").includes(String(taskNumber(task.name)))) skip()
  // An endless loop lets its thread say nothing more, so what is about to run is written down before it runs.
  const log = process.env.WAYSTATION_RUN_LOG
  if (log) appendFileSync(log, `${task.name}\n`)
})
