import type { Contestant } from "./contestant.ts"
import { field } from "./field.ts"
import { loads, type Run } from "./loads.ts"

/** One run of one contestant, in a process of its own: `prepare` or `measure`. Called by main.ts. */
const [step, loadName = "", contestant = "", directory = "", port = "", size = ""] = process.argv.slice(2)
const load = loads[loadName]
if (!load) throw new Error(`Unknown load "${loadName}".`)
const place = { directory, port: Number(port) }
const run: Run = {
  contestant,
  place,
  size: Number(size),
  // Looked up only now: the peers' packages are not there where only Waystation and the floor run.
  open: async () =>
    ((await import(`./contestants/${field[contestant]?.client ?? contestant}.ts`)) as { open(at: typeof place): Promise<Contestant> }).open(
      place,
    ),
}
if (step === "prepare") await load.prepare?.(run)
else process.send?.(await load.measure(run))
process.disconnect?.()
