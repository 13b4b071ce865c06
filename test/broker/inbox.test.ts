import { describe, expect, test } from "vitest"
import { createInbox } from "#waystation"
import { Service } from "./support/service.ts"
import { refusal } from "./support/waiting.ts"

/** A consumer's database in which each effect leaves a row. */
function kitchen() {
  const service = new Service()
  const { database } = service
  database.exec("CREATE TABLE tickets (name TEXT NOT NULL)")
  const cook = (name: string) => () => void database.prepare("INSERT INTO tickets VALUES (?)").run(name)
  const tickets = () => service.connect().prepare("SELECT name FROM tickets").pluck().all()
  const remembered = () => database.prepare("SELECT message_id FROM waystation_inbox ORDER BY id").pluck().all()
  return { service, database, cook, tickets, remembered, [Symbol.dispose]: () => service[Symbol.dispose]() }
}

const clockAt = (clock: { time: number }) => ({ now: () => clock.time, setTimer: () => () => {}, defer: () => {} })

describe("once()", () => {
  test("runs the effect for the first of a message's copies, and says which it was", () => {
    using here = kitchen()
    const inbox = createInbox(here.database)
    expect(inbox.once({ id: "1" }, "kitchen", here.cook("first"))).toBe(true)
    expect(inbox.once({ id: "1" }, "kitchen", here.cook("second"))).toBe(false)
    expect(inbox.once({ id: "2" }, "kitchen", here.cook("other"))).toBe(true)
    expect(here.tickets()).toEqual(["first", "other"])
  })

  test("each consumer has a memory of its own", () => {
    using here = kitchen()
    const inbox = createInbox(here.database)
    expect(inbox.once({ id: "1" }, "kitchen", here.cook("kitchen"))).toBe(true)
    expect(inbox.once({ id: "1" }, "accounting", here.cook("accounting"))).toBe(true)
    expect(here.tickets()).toEqual(["kitchen", "accounting"])
  })

  test("an effect that throws is undone with its id, and the message may come again", () => {
    using here = kitchen()
    const inbox = createInbox(here.database)
    const fails = () => {
      here.cook("half")()
      throw new Error("the oven is cold")
    }
    expect(() => inbox.once({ id: "1" }, "kitchen", fails)).toThrow("the oven is cold")
    expect(here.tickets()).toEqual([])
    expect(inbox.once({ id: "1" }, "kitchen", here.cook("again"))).toBe(true)
    expect(here.tickets()).toEqual(["again"])
  })

  test("joins the caller's transaction: rolled back together, and an effect that throws does not undo the rest", () => {
    using here = kitchen()
    const inbox = createInbox(here.database)
    const whole = here.database.transaction(() => {
      inbox.once({ id: "1" }, "kitchen", here.cook("first"))
      throw new Error("rolled back")
    })
    expect(whole).toThrow("rolled back")
    expect(inbox.once({ id: "1" }, "kitchen", here.cook("again"))).toBe(true)

    here.database.transaction(() => {
      here.cook("before")()
      expect(() =>
        inbox.once({ id: "2" }, "kitchen", () => {
          here.cook("undone")()
          throw new Error("no")
        }),
      ).toThrow("no")
    })()
    expect(here.tickets()).toEqual(["again", "before"])
  })

  test("two connections agree on what was handled", () => {
    using here = kitchen()
    const elsewhere = createInbox(here.service.connect())
    expect(createInbox(here.database).once({ id: "1" }, "kitchen", here.cook("here"))).toBe(true)
    expect(elsewhere.once({ id: "1" }, "kitchen", here.cook("elsewhere"))).toBe(false)
  })

  test("gives the effect the handle, so that it need not be at hand", () => {
    using here = kitchen()
    createInbox(here.database).once({ id: "1" }, "kitchen", (database) => {
      expect(database).toBe(here.database)
    })
  })
})

describe("the inbox does not grow without bound", () => {
  test("it forgets ids that are older than ageMs", () => {
    using here = kitchen()
    const clock = { time: 1_000_000 }
    const inbox = createInbox(here.database, { retention: { ageMs: 1_000 }, clock: clockAt(clock) })
    inbox.once({ id: "old" }, "kitchen", here.cook("old"))
    clock.time += 999
    inbox.once({ id: "young" }, "kitchen", here.cook("young"))
    expect(here.remembered()).toEqual(["old", "young"])
    clock.time += 1
    inbox.once({ id: "new" }, "kitchen", here.cook("new"))
    expect(here.remembered()).toEqual(["young", "new"])
  })

  test("it remembers the last messagesMax ids, also after the bound was lowered", () => {
    using here = kitchen()
    const generous = createInbox(here.database)
    for (let number = 0; number < 100; number++) generous.once({ id: `a${number}` }, "kitchen", () => {})
    const inbox = createInbox(here.database, { retention: { messagesMax: 10 } })
    for (let number = 0; number < 100; number++) inbox.once({ id: `b${number}` }, "kitchen", () => {})
    expect(here.remembered()).toEqual(Array.from({ length: 10 }, (_, number) => `b${number + 90}`))
  })
})

describe("what the inbox refuses", () => {
  test("an effect that returns a promise: nothing is done, and nothing remembered", () => {
    using here = kitchen()
    const inbox = createInbox(here.database)
    const promising = async () => here.cook("too late")()
    expect(() => inbox.once({ id: "1" }, "kitchen", promising)).toThrow(/must be synchronous/)
    expect(here.tickets()).toEqual([])
    expect(here.remembered()).toEqual([])
  })

  const refused: [string, (inbox: ReturnType<typeof createInbox>) => unknown, RegExp][] = [
    ["a message without an id", (inbox) => inbox.once({} as never, "kitchen", () => {}), /id of a message must be a string: got undefined/],
    ["no message", (inbox) => inbox.once(undefined as never, "kitchen", () => {}), /id of a message must be a string/],
    ["an empty consumer", (inbox) => inbox.once({ id: "1" }, "", () => {}), /consumer's name must have 1 to 200 characters/],
    ["something that is no effect", (inbox) => inbox.once({ id: "1" }, "kitchen", 1 as never), /effect must be a function: got 1/],
    ["a misspelt option", () => createInbox({} as never, { retain: {} } as never), /Unknown option "retain" of createInbox/],
    [
      "a bound of nothing",
      () => createInbox({} as never, { retention: { messagesMax: 0 } }),
      /"messagesMax" of createInbox, retention, must be an integer of at least 1/,
    ],
    ["a path for a handle", () => createInbox("kitchen.db" as never), /handle.*: got a path/],
  ]
  test.each(refused)("%s", async (_what, call, message) => {
    using here = kitchen()
    const inbox = createInbox(here.database)
    expect((await refusal(() => call(inbox))).message).toMatch(message)
  })
})
