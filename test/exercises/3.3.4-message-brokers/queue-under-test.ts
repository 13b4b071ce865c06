import type { Process } from "../support/process.ts"
import type { BrokerRun } from "./broker-run.ts"

/** A queue as one process sees it: what the checks need of a broker that keeps a state for each message. */
export interface QueueUnderTest {
  send(body: string): unknown
  receive(leaseMs: number): Received | undefined
  /** Handles one message after the other, from now on. A handler that throws has not handled its message. */
  consume(handle: (body: string) => Promise<void>, leaseMs: number): void
  /** How many messages it holds, also those in somebody's hands. */
  kept(): number
  /** Whether this process has a transaction open: nobody else changes anything then. */
  readonly inTransaction: boolean
}

export interface Received {
  readonly body: string
  /** Which delivery of its message this is: 1, 2, 3, … */
  readonly attempt: number
  /** Whether it was acknowledged: not if it was handed out again since, or is gone. */
  acknowledge(): boolean
}

export type MakeQueue = (process: Process, run: BrokerRun) => QueueUnderTest

/** `intrusion` comes at an effect of this kitchen's work, outside its transactions. Whether there was such a moment. */
export function meanwhile(
  { process, queue }: { process: Process; queue: QueueUnderTest },
  effect: number,
  { intrusion, work }: { intrusion: () => void; work: () => void },
): boolean {
  const own = process.effect
  let effects = 0
  process.effect = () => {
    if (++effects === effect && !queue.inTransaction) intrusion()
  }
  try {
    work()
  } finally {
    process.effect = own
  }
  return effects >= effect
}
