import type { Queue } from "#waystation"

/** Task 1. Sends a greeting, receives it and acknowledges it. */
export async function greet(queue: Queue<string>, greeting: string): Promise<string | undefined> {
  // From here on the message is in the file: it would survive a crash of this process.
  await queue.send(greeting)
  const [delivery] = queue.receive()
  // Without this the message would come again when its lease ends.
  delivery?.ack()
  return delivery?.body
}
