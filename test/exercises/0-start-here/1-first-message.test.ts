import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, test } from "vitest"
import { type Broker, openBroker } from "#waystation"
import { greet } from "#work/0-start-here/1-first-message.ts"

const korean = process.env.WAYSTATION_LANG === "ko"

let directory: string
let broker: Broker

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "waystation-"))
  broker = openBroker(join(directory, "broker.db"))
})

afterEach(async () => {
  await broker.close()
  rmSync(directory, { recursive: true })
})

test("[1] a message goes through a broker in a file", async () => {
  let sent = 0
  broker.events.on("sent", () => {
    sent++
  })
  const received = await greet(broker.queue<string>("greetings"), "hello")
  if (sent === 0) {
    throw new Error(korean ? "LOST: 큐에 메시지가 하나도 오지 않았어요" : "LOST: no message ever came to the queue")
  }
  if (received !== "hello") {
    throw new Error(korean ? `LOST: "hello"를 보냈는데 ${received}를 받았어요` : `LOST: "hello" was sent and ${received} received`)
  }
  const left = broker.inspect().queues.find((queue) => queue.name === "greetings")
  if (left && left.ready + left.delayed + left.inFlight > 0) {
    throw new Error(
      korean
        ? "STUCK: 메시지를 받았지만 확인(ack)하지 않았어요. 리스(lease)가 끝나면 다시 배달돼요"
        : "STUCK: the message was received and not acknowledged. It comes again when its lease ends",
    )
  }
})
