import { openBroker } from "#waystation"

/**
 * `writer.ts <file> <name> <ms>`: when told to begin, sends one message after another for that long, and prints how many, how long the
 * slowest took, and what went wrong.
 */
const [file = "", name = "", forMs = ""] = process.argv.slice(2)
const broker = openBroker(file)
const queue = broker.queue("work")
console.log("ready")
await new Promise((resolve) => process.stdin.once("data", resolve))

const end = Date.now() + Number(forMs)
const result = { name, sent: 0, longestMs: 0, errors: [] as string[] }
while (Date.now() < end) {
  const start = performance.now()
  try {
    await queue.send({ from: name })
    result.sent++
  } catch (error) {
    result.errors.push(String(error))
  }
  result.longestMs = Math.max(result.longestMs, performance.now() - start)
}
await broker.close()
console.log(JSON.stringify(result))
process.exit()
