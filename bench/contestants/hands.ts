/** Runs up to so many handlers at once; what comes in between waits its turn. For clients that push without a limit. */
export function hands(handlers: number): (work: () => Promise<void>) => void {
  const waiting: (() => Promise<void>)[] = []
  let free = handlers
  const start = (work: () => Promise<void>) => {
    free--
    work().then(() => {
      free++
      const next = waiting.shift()
      if (next) start(next)
    })
  }
  return (work) => {
    if (free > 0) start(work)
    else waiting.push(work)
  }
}
