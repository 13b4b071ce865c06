import { openBroker } from "#waystation"

/** `sender.ts <file> <count> <everyMs>`: when told to begin, sends that many messages, each with the time at which its commit was done. */
const [file = "", count = "", everyMs = ""] = process.argv.slice(2)
const broker = openBroker(file)
const queue = broker.queue("work")
console.log("ready")
await new Promise((resolve) => process.stdin.once("data", resolve))
for (let n = 0; n < Number(count); n++) {
  await queue.send({ n })
  console.log(n, performance.timeOrigin + performance.now())
  await new Promise((resolve) => setTimeout(resolve, Number(everyMs)))
}
await broker.close()
process.exit()
