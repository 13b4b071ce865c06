import { defineConfig } from "vitest/config"

/** The exercises in vitest's own page: `npm run exercises:ui`. */
export default defineConfig({
  test: {
    name: "exercises",
    include: ["test/exercises/**/*.test.ts"],
    // The files of the tests themselves are no exercise.
    exclude: ["test/exercises/support/**"],
    runner: "workbook/exercises-ui/runner.ts",
    pool: "threads",
    testTimeout: 5_000,
  },
})
