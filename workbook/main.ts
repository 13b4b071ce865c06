import { join } from "node:path"
import { argv, env, exit, stderr, stdin, stdout } from "node:process"
import { runCli } from "./cli.ts"

const ended = new AbortController()
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => ended.abort())

const root = join(import.meta.dirname, "..")
exit(await runCli({ root, arguments: argv.slice(2), environment: env, stdin, stdout, stderr, signal: ended.signal }))
