import { openBroker } from "../broker/index.ts"
import { monotonicMs } from "./loads-own.ts"

/** The other process of the latency load: reports how old each message was when its handler began. */
const [path = "", messages = ""] = process.argv.slice(2)
await using broker = openBroker(path)
const ages: number[] = []
await new Promise<void>((resolve) => {
  broker.queue<{ at: number }>("other").consume((message) => {
    ages.push(monotonicMs() - message.body.at)
    if (ages.length === Number(messages)) resolve()
  })
  process.send?.("ready")
})
process.send?.(ages)
