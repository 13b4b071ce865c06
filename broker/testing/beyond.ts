import { ProcessCrashedError } from "./process.ts"

const events = ["unhandledRejection", "uncaughtException"] as const
type Listener = (error: unknown, ...rest: unknown[]) => void

let running = 0
let restore = () => {}

/**
 * While `work` runs, errors that only a crashed process's code could have caught are nobody's business: a real one would
 * not have lived to throw them. All others go where they went before. (`bun test` alone cannot be kept from hearing them: there
 * a promise that a handler leaves behind, and that a crash breaks, fails the test under its own name.)
 */
export async function withoutVoicesFromBeyond<T>(work: () => Promise<T>): Promise<T> {
  if (running++ === 0) restore = stepInFront()
  try {
    return await work()
  } finally {
    // What the last steps set off is told within a turn of the event loop.
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
    if (--running === 0) restore()
  }
}

function stepInFront(): () => void {
  const undo = events.map((event) => {
    const others = process.rawListeners(event) as Listener[]
    const filter: Listener = (error, ...rest) => {
      if (error instanceof ProcessCrashedError) return
      for (const other of others) other.call(process, error, ...rest)
      if (others.length === 0) throw error
    }
    process.removeAllListeners(event)
    process.on(event, filter)
    return () => {
      process.off(event, filter)
      for (const other of others) process.on(event, other as never)
    }
  })
  return () => {
    for (const one of undo) one()
  }
}
