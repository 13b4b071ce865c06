// A plain JavaScript program of someone who installed the package.
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { openBroker } from "waystation"
import { virtualClock } from "waystation/testing"

const directory = mkdtempSync(join(tmpdir(), "waystation-consumer-"))
process.on("exit", () => rmSync(directory, { recursive: true, force: true }))
const broker = openBroker(join(directory, "broker.db"))
const handled = Promise.withResolvers()
broker.queue("orders").consume((message) => handled.resolve(message.body))
await broker.queue("orders").send({ order: 1 })
console.log(JSON.stringify(await handled.promise), typeof virtualClock().now())
await broker.close()
