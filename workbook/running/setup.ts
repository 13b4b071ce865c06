import { appendFileSync } from "node:fs"
import { beforeEach } from "vitest"

// An endless loop lets its thread say nothing more, so what is about to run is written down before it runs.
beforeEach(({ task }) => {
  const log = process.env.WAYSTATION_RUN_LOG
  if (log) appendFileSync(log, `${task.name}\n`)
})
