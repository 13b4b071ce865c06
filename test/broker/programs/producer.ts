/** Sends `count` messages to the queue "work", a few in every turn, and says each id once its send has resolved. */
import { openBroker } from "#waystation"
import { args, say } from "./talk.ts"

const [file = "", name = "", count = "0"] = args
await using broker = openBroker(file)
const queue = broker.queue<string>("work", { orderByKey: true })
say("open")
for (let number = 0; number < Number(count); ) {
  const turn: Promise<unknown>[] = []
  for (let together = 0; together < 3 && number < Number(count); together++, number++) {
    const id = `${name}-${number}`
    const sent = queue.send(id, { id, key: `${name}-${number % 4}` })
    turn.push(sent.then(() => say("sent", { id })))
  }
  await Promise.all(turn)
}
say("done")
