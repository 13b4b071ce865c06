import { type Words, words } from "../support/language.ts"
import type { Process } from "../support/process.ts"
import type { Station } from "../support/station.ts"

/** A step of the story. */
export function tell(run: Station, sentence: Words): void {
  run.history.add({ process: "", event: "told", words: sentence })
}

/** Tells what a process receives and acknowledges: whether it crashed before that or after it makes the difference. */
export function tellDeliveries(run: Station, process: Process, message: Words): void {
  const telling = (sentence: Words) => () => {
    // What the process had committed before it died is told by nobody any more.
    if (process.alive) tell(run, sentence)
  }
  process.broker.events.on("delivered", telling(words("{0:이/가} {1:을/를} 받아요", "{0} receives {1}", process.who, message)))
  process.broker.events.on("acked", telling(words("{0:이/가} 처리됐다고 확인(ack)돼요", "{0} is acknowledged", message)))
}
