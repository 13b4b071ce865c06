// ko: 브로커를 거치지 않고 인사말을 그대로 돌려준다
// en: The greeting is handed over past the broker
// caught by: [1]
import type { Queue } from "#waystation"

export async function greet(_queue: Queue<string>, greeting: string): Promise<string | undefined> {
  return greeting
}
