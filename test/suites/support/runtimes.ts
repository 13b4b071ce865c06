import { globSync } from "node:fs"
import { join } from "node:path"

const root = join(import.meta.dirname, "../../..")

/** The command lines of the runtimes that are there: this one, and those that `npm run test:runtimes` has fetched. */
export function runtimes(): { name: string; command: readonly string[] }[] {
  const fetched = (name: string) => globSync(`.cache/deno-*-bun-*/node_modules/.bin/${name}`, { cwd: root }).map((path) => join(root, path))
  const [deno] = fetched("deno")
  const [bun] = fetched("bun")
  return [
    { name: "node", command: [process.execPath] },
    ...(deno ? [{ name: "deno", command: [deno, "run", "--allow-all"] }] : []),
    ...(bun ? [{ name: "bun", command: [bun] }] : []),
  ]
}
