// ko: 메시지를 받고 나서 ack하지 않는다
// en: The message is received and never acknowledged
// caught by: [1]
import type { Queue } from "#waystation"

export async function greet(queue: Queue<string>, greeting: string): Promise<string | undefined> {
  await queue.send(greeting)
  const [delivery] = queue.receive()
  return delivery?.body
}
