import { describe, expect, test } from "vitest"
import { firstAnomaly } from "../../broker/testing/checker.ts"
import type { Entry } from "../../broker/testing/history.ts"

type Happened = Omit<Partial<Entry>, "event"> & { event: string }

const queue = { channel: "orders" }
const group = { channel: "moves", group: "stock" }

/** A history of what is said, at ten milliseconds each, in the process "a" unless said otherwise. */
function history(...entries: Happened[]): Entry[] {
  return entries.map((entry, index) => ({ at: index * 10, process: "a", ...queue, ...entry }))
}

const consumes = { event: "subscribed", what: "queue", leaseMs: 1_000, attemptsMax: 3 }
const consumesInOrder = { ...consumes, what: "ordered queue" }
const sends = (id: string, key?: string, operation = Number(id)): Happened[] => [
  { event: "sending", id, operation, ...(key === undefined ? {} : { key }) },
  { event: "send-ok", id, operation, ...(key === undefined ? {} : { key }) },
]
const delivered = (id: string, attempt = 1, process = "b"): Happened => ({ event: "delivered", id, attempt, process })
const handled = (id: string, attempt = 1, process = "b"): Happened[] => [
  { event: "handled", id, attempt, process },
  { event: "acked", id, attempt, process },
]

function judged(entries: Entry[], stored: readonly string[] = []) {
  const found = firstAnomaly(entries, (_channel, _queue, id) => stored.includes(id))
  return found && `${found.kind} ${found.id ?? ""}`.trim()
}

test("what went well is found well", () => {
  const entries = history(consumes, ...sends("1"), ...sends("2"), delivered("1"), ...handled("1"), delivered("2"), ...handled("2"))
  expect(judged(entries)).toBeUndefined()
  expect(judged(history())).toBeUndefined()
})

describe("LOST", () => {
  test("accepted, and gone", () => {
    expect(judged(history(consumes, ...sends("1")))).toBe("LOST 1")
    expect(judged(history(consumes, ...sends("1"), delivered("1"), { event: "crashed", process: "b" }))).toBe("LOST 1")
  })

  test("acknowledged before its handler was done", () => {
    expect(judged(history(consumes, ...sends("1"), delivered("1"), { event: "acked", id: "1", attempt: 1, process: "b" }))).toBe("LOST 1")
  })

  test("not if nobody knows whether it was accepted, or acknowledged", () => {
    const unknown = history(consumes, { event: "sending", id: "1", operation: 1 }, { event: "crashed" })
    expect(judged(unknown)).toBeUndefined()
    const crashed = history(
      consumes,
      ...sends("1"),
      delivered("1"),
      { event: "handled", id: "1", attempt: 1, process: "b" },
      { event: "crashed", process: "b" },
    )
    expect(judged(crashed)).toBeUndefined()
  })

  test("a subscription is owed what was sent after it began", () => {
    const later = { event: "subscribed", what: "topic", channel: "orders", subscription: "audit", leaseMs: 1_000, attemptsMax: 3 }
    expect(judged(history(...sends("1"), later))).toBeUndefined()
    expect(judged(history(later, ...sends("1")))).toBe("LOST 1")
    expect(judged(history(later, ...sends("1"), { event: "unsubscribed", subscription: "audit" }))).toBeUndefined()
    const nobodyListens = { event: "subscribed", what: "topic", subscription: "audit" }
    expect(judged(history(nobodyListens, ...sends("1")))).toBe("LOST 1")
    expect(judged(history(nobodyListens, ...sends("1")), ["1"])).toBeUndefined()
    expect(judged(history(nobodyListens, { ...later, ...queue }, ...sends("1")), ["1"])).toBe("STUCK 1")
  })
})

test("STUCK: accepted, and still waiting at the end", () => {
  expect(judged(history(consumes, ...sends("1")), ["1"])).toBe("STUCK 1")
})

describe("PHANTOM", () => {
  test("delivered, and sent by nobody", () => {
    expect(judged(history(consumes, delivered("1"), ...handled("1")))).toBe("PHANTOM 1")
  })

  test("delivered, though its send had failed", () => {
    const failed: Happened[] = [
      { event: "sending", id: "1", operation: 1 },
      { event: "send-failed", id: "1", operation: 1 },
    ]
    expect(judged(history(consumes, ...failed, delivered("1"), ...handled("1")))).toBe("PHANTOM 1")
  })

  test("not if it may be the message of a send that never came back", () => {
    expect(judged(history(consumes, { event: "sending", operation: 1 }, delivered("1"), ...handled("1")))).toBeUndefined()
  })
})

describe("DUPLICATED", () => {
  test("delivered again after it had been acknowledged", () => {
    expect(judged(history(consumes, ...sends("1"), delivered("1"), ...handled("1"), delivered("1", 2), ...handled("1", 2)))).toBe(
      "DUPLICATED 1",
    )
  })

  test("delivered twice as the same attempt, and more often than allowed", () => {
    expect(judged(history(consumes, ...sends("1"), delivered("1"), delivered("1", 1, "c"), ...handled("1")))).toBe("DUPLICATED 1")
    expect(judged(history(consumes, ...sends("1"), delivered("1", 4), ...handled("1", 4)))).toBe("DUPLICATED 1")
  })

  test("in two hands at once, unless the first hand is known to be empty", () => {
    const twoHands = [consumes, ...sends("1"), delivered("1"), delivered("1", 2, "c"), ...handled("1", 2, "c")]
    expect(judged(history(...twoHands))).toBe("DUPLICATED 1")
    expect(judged(history(...twoHands.toSpliced(4, 0, { event: "crashed", process: "b" })))).toBeUndefined()
    expect(judged(history(...twoHands.toSpliced(4, 0, { event: "nacked", id: "1", attempt: 1, process: "b" })))).toBeUndefined()
  })

  test("settled by one who had lost its lease", () => {
    const late = [
      consumes,
      ...sends("1"),
      delivered("1"),
      { event: "lease-lost", id: "1", attempt: 1, process: "b" },
      delivered("1", 2, "c"),
    ]
    expect(judged(history(...late, ...handled("1", 2, "c")))).toBeUndefined()
    const settled = late.toSpliced(4, 1, { event: "crashed", process: "x" })
    expect(
      judged(
        history(...settled, { event: "handled", id: "1", attempt: 1, process: "b" }, { event: "acked", id: "1", attempt: 1, process: "b" }),
      ),
    ).toBe("DUPLICATED 1")
  })

  test("a partition with two owners in a generation, a cursor that goes back", () => {
    const committed = (offset: number, process: string, generation = 1): Happened => ({
      event: "committed",
      ...group,
      partition: 0,
      offset,
      generation,
      process,
    })
    expect(judged(history(committed(1, "b"), committed(2, "b"), committed(3, "c", 2)))).toBeUndefined()
    expect(judged(history(committed(1, "b"), committed(2, "c")))).toBe("DUPLICATED")
    expect(judged(history(committed(2, "b"), committed(1, "b")))).toBe("DUPLICATED")
    expect(judged(history(committed(2, "b"), { event: "sought", ...group }, committed(1, "b")))).toBeUndefined()
  })
})

describe("REORDERED", () => {
  const sent = [consumesInOrder, ...sends("1", "k"), ...sends("2", "k")]

  test("delivered after one that was sent later with the same key", () => {
    expect(judged(history(...sent, delivered("2"), ...handled("2"), delivered("1"), ...handled("1")))).toBe("REORDERED 1")
  })

  test("handed out while the one before it was not done with", () => {
    expect(judged(history(...sent, delivered("1"), delivered("2"), ...handled("1"), ...handled("2")))).toBe("REORDERED 2")
    expect(judged(history(...sent, delivered("1"), ...handled("1"), delivered("2"), ...handled("2")))).toBeUndefined()
  })

  test("not between keys, nor between senders, nor where no order was promised", () => {
    const keys = [consumesInOrder, ...sends("1", "k"), ...sends("2", "l")]
    expect(judged(history(...keys, delivered("2"), ...handled("2"), delivered("1"), ...handled("1")))).toBeUndefined()
    const senders = [consumesInOrder, ...sends("1", "k"), ...sends("2", "k").map((entry) => ({ ...entry, process: "other" }))]
    expect(judged(history(...senders, delivered("2"), ...handled("2"), delivered("1"), ...handled("1")))).toBeUndefined()
    const plain = [consumes, ...sends("1", "k"), ...sends("2", "k")]
    expect(judged(history(...plain, delivered("2"), ...handled("2"), delivered("1"), ...handled("1")))).toBeUndefined()
  })
})

test("what was redriven, or sought, begins anew", () => {
  const dead = { event: "dead-lettered", id: "1", attempt: 3, process: "b" }
  const again = [delivered("1", 1), ...handled("1", 1)]
  expect(judged(history(consumes, ...sends("1"), delivered("1", 3), dead, { event: "redriven" }, ...again))).toBeUndefined()
  expect(judged(history(consumes, ...sends("1"), delivered("1"), ...handled("1"), { event: "sought" }, ...again))).toBeUndefined()
})
