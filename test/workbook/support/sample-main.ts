import { argv, env, exit, stderr, stdin, stdout } from "node:process"
import { runCli } from "#workbook/cli.ts"

// What workbook/main.ts does, on the directory that is the first argument.
const [root = "", ...rest] = argv.slice(2)
exit(await runCli({ root, arguments: rest, environment: env, stdin, stdout, stderr }))
