import { availableParallelism } from "node:os"
import { defineConfig } from "vitest/config"

/** One project for each kind of test: `vitest --config test/vitest.config.ts --project broker`. */
export default defineConfig({
  test: {
    // Bun's child processes lack a method that the other pool calls.
    pool: process.versions.bun ? "threads" : "forks",
    // All of the machine: some files wait for time or the disk while others compute.
    maxWorkers: availableParallelism(),
    projects: [
      project("broker", ["test/broker", "test/suites", "test/stories"]),
      project("workbook", ["test/workbook"]),
      project("page", ["test/page"]),
      project("exercises", ["test/exercises"]),
      // The same tests: #work/* leads to solutions/ under this condition (package.json, "imports").
      project("solutions", ["test/exercises"], ["solution"]),
    ],
  },
})

function project(name: string, folders: string[], conditions: string[] = []) {
  return {
    ssr: { resolve: { conditions } },
    test: { name, include: folders.map((folder) => `${folder}/**/*.test.ts`) },
  }
}
