import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdirSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import BetterSqlite3 from "better-sqlite3"
import { describe, expect, test } from "vitest"
import { openBroker } from "#waystation"
import { directoryFor, ordersToPlace, readArguments } from "../../example/arguments.ts"
import { count } from "../../example/count.ts"
import { checks, type Order } from "../../example/domain.ts"
import { type CustomerOrder, Refusal } from "../../example/orders-file.ts"
import { type Workspace, workspace } from "../broker/support/workspace.ts"

const program = join(import.meta.dirname, "../../example/main.ts")
/** Nine processes and several leases that have to end: a while, on a small machine. */
const limitMs = 120_000

/** Runs the example as from a terminal's pipe, with the system's temporary directory in the workspace. */
async function example(here: Workspace, ...args: string[]): Promise<{ code: number; output: string; errors: string }> {
  const temporary = here.path("tmp")
  mkdirSync(temporary, { recursive: true })
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...process.env, TMPDIR: temporary, TEMP: temporary, LC_ALL: "en_US.UTF-8" },
    stdio: ["ignore", "pipe", "pipe"],
  })
  const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")])
  expect(readdirSync(temporary)).toEqual([])
  return { code: Number(code), output, errors }
}

const right = { rejected: 0, lost: 0, doubled: 0, outOfOrder: 0 }

function order(id: string, dish = "bibimbap", portions = 1): CustomerOrder {
  return { id, customer: "Nora", items: [{ dish, portions }] }
}

function change(file: string, sql: string): void {
  const database = new BetterSqlite3(file)
  expect(database.prepare(sql).run().changes).toBeGreaterThan(0)
  database.close()
}

describe("the order process in four processes and five files", () => {
  test(
    "each service is killed in the middle, and every order placed is validated, none lost, doubled or out of order",
    async () => {
      await using here = workspace()
      const { code, output, errors } = await example(here, "40", "--keep", here.path("kept"))
      expect(errors).toBe("")
      expect(code).toBe(0)
      expect(output).toMatch(/^placed \d+, decided \d+: kitchen service killed$/m)
      expect(output).toMatch(/^placed (1[5-9]|20), decided \d+: consumer service killed and started again$/m)
      expect(output).toMatch(/^placed 20, decided \d+: kitchen service started again$/m)
      expect(output).toMatch(/^placed (2[5-9]|[34]\d), decided \d+: card service killed and started again$/m)
      expect(output).toMatch(/^placed [34]\d, decided \d+: order service killed and started again$/m)
      expect(countsIn(output)).toEqual({ placed: 40, validated: 40, rejected: 0, lost: 0, doubled: 0, "out of order": 0 })
      expect(readdirSync(here.path("kept"))).toEqual(
        expect.arrayContaining(["broker.db", "card.db", "consumer.db", "kitchen.db", "orders.db"]),
      )
    },
    limitMs,
  )

  test(
    "orders that the kitchen cannot cook are rejected, and a file that is too short begins again",
    async () => {
      await using here = workspace()
      const orders = [order("1"), order("2", "pizza"), order("3", "samgyetang", 5), { ...order("4"), cancel: true }]
      writeFileSync(here.path("orders.jsonl"), orders.map((one) => `${JSON.stringify(one)}\r\n`).join(""))
      const { code, output } = await example(here, "6", "--orders", here.path("orders.jsonl"), "--lang", "ko")
      expect(code).toBe(0)
      expect(countsIn(output)).toEqual({ 접수: 6, 검증: 3, 거절: 3, 유실: 0, 중복: 0, 역전: 0 })
    },
    limitMs,
  )
})

function countsIn(output: string): Record<string, number> {
  const lines = [...output.matchAll(/^(\S.*?) +(\d+)$/gm)]
  return Object.fromEntries(lines.map(([, name, number]) => [name, Number(number)]))
}

describe("the count", () => {
  test(
    "sees in the files what is lost, doubled or out of order",
    async () => {
      await using here = workspace()
      const orders = ["a", "b", "c", "d", "e", "f"].map((id) => ({ ...order(id), cancel: true }))
      writeFileSync(here.path("orders.jsonl"), orders.map((one) => JSON.stringify(one)).join("\n"))
      const kept = here.path("kept")
      expect((await example(here, "--orders", here.path("orders.jsonl"), "--keep", kept)).code).toBe(0)
      const all = orders.map(({ id }) => id)
      expect(await count(kept, all)).toEqual({ ...right, placed: 6, validated: 6 })
      expect(await count(kept, [...all, "told"])).toEqual({ ...right, placed: 6, validated: 6, lost: 1 })

      const kitchen = join(kept, "kitchen.db")
      change(kitchen, "UPDATE reservation SET state = 'CONFIRMED' WHERE order_id = 'a'")
      expect(await count(kept, all)).toMatchObject({ lost: 0, doubled: 0, outOfOrder: 1 })
      change(kitchen, "INSERT INTO reservation VALUES ('b', 'RELEASED')")
      expect(await count(kept, all)).toMatchObject({ lost: 0, doubled: 1, outOfOrder: 1 })
      change(join(kept, "card.db"), "DELETE FROM reservation WHERE order_id = 'c'")
      expect(await count(kept, all)).toMatchObject({ lost: 1, doubled: 1, outOfOrder: 1 })

      const ordersFile = join(kept, "orders.db")
      change(ordersFile, "INSERT INTO validation VALUES ('d', 'kitchen', 1)")
      expect(await count(kept, all)).toMatchObject({ lost: 1, doubled: 2, outOfOrder: 1 })
      change(ordersFile, "UPDATE orders SET status = 'PENDING' WHERE id = 'd'")
      change(ordersFile, "DELETE FROM orders WHERE id = 'e'")
      expect(await count(kept, all)).toMatchObject({ placed: 5, validated: 4, lost: 3, doubled: 2, outOfOrder: 1 })

      const broker = openBroker(join(kept, "broker.db"))
      const events = broker.partitioned("order-events", { partitions: 4 })
      await events.send({ type: "OrderCreated", order: order("f") }, { key: "f" })
      await events.send({ type: "OrderCreated", order: order("phantom") }, { key: "phantom" })
      await broker.close()
      expect(await count(kept, all)).toMatchObject({ placed: 5, validated: 4, lost: 4, doubled: 3, outOfOrder: 1 })
    },
    limitMs,
  )
})

describe("what the services decide", () => {
  const asked = (dish: string, portions: number, consumerId = "Nora"): Order => ({ id: "1", consumerId, items: [{ dish, portions }] })

  test("the kitchen: dishes on the menu, portions within its power", () => {
    expect(checks.kitchen(asked("samgyetang", 4))).toBe(undefined)
    expect(checks.kitchen(asked("pizza", 1))).toBe("pizza is not on the menu")
    expect(checks.kitchen(asked("samgyetang", 5))).toBe("5 portions of samgyetang are too many for one order")
  })

  test("the consumer service knows who is blocked, the card service a limit", () => {
    expect(checks.consumer(asked("mandu", 1))).toBe(undefined)
    expect(checks.consumer(asked("mandu", 1, "blocked"))).toBe("the customer is blocked")
    expect(checks.card(asked("mandu", 800))).toBe(undefined)
    expect(checks.card(asked("mandu", 900))).toBe("10800000 won are above the card's limit")
  })
})

describe("bad input is refused in one sentence", () => {
  const line = (value: unknown) => `${JSON.stringify(order("first"))}\n${JSON.stringify(value)}\n`
  const item = (value: unknown) => line({ ...order("x"), items: [value] })
  const second = (what: string) => `orders.jsonl, line 2: ${what}.`
  test.each([
    ["an empty file", "", 'The file "orders.jsonl" is empty: it should have an order, as a JSON object, in each line.'],
    ["a line that is no JSON", `${JSON.stringify(order("first"))}\n{`, second('should be a JSON object, and is "{"')],
    ["an empty line", `${JSON.stringify(order("first"))}\n\n`, second('should be a JSON object, and is ""')],
    ["a line that is no object", line([1]), second("an order should be an object, and is [1]")],
    ["no id", line({ ...order("x"), id: undefined }), second("id should be 1 to 50 letters, digits, - or _, and is undefined")],
    ["an id that is there already", line(order("first")), second('the id "first" is in line 1 already')],
    ["no customer", line({ ...order("x"), customer: " " }), second('customer should be a text of 1 to 100 characters, and is " "')],
    ["nothing ordered", line({ ...order("x"), items: [] }), second("items should be a list of 1 to 50 items, and is []")],
    ["half a portion", item({ dish: "mandu", portions: 0.5 }), second("portions should be a whole number from 1 to 1000, and is 0.5")],
    ["an item that is no object", item("mandu"), second('an item should be an object, and is "mandu"')],
    [
      "a misspelt field",
      line({ ...order("x"), cancelled: true }),
      second('the field "cancelled" is unknown: there are id, customer, items, cancel'),
    ],
  ])("%s", async (_, content, expected) => {
    await using here = workspace()
    writeFileSync(here.path("orders.jsonl"), content)
    const read = () => ordersToPlace(readArguments(["--orders", here.path("orders.jsonl")], "en"))
    expect(read).toThrow(Refusal)
    expect(sentence(read).replace(here.path("orders.jsonl"), "orders.jsonl")).toBe(expected)
  })

  test("options, and places that cannot be used", async () => {
    await using here = workspace()
    mkdirSync(here.path("full"))
    writeFileSync(here.path("full/file"), "mine")
    writeFileSync(here.path("latin"), Buffer.from([0xe9]))
    const refused: [args: string[], expected: string][] = [
      [["--order", "x"], 'Unknown option "--order": it takes N, --orders FILE, --keep DIR, --lang ko|en and --help.'],
      [["1", "2"], 'Unknown option "2": it takes N, --orders FILE, --keep DIR, --lang ko|en and --help.'],
      [["--keep"], "The option --keep must have a value."],
      [["--lang", "fr"], 'The option --lang must be ko or en: got "fr".'],
      [["--lang", "ko", "0"], '주문 수는 1부터 10000까지의 정수여야 해요. 받은 값: "0"'],
      [["1.5"], 'The number of orders must be a whole number from 1 to 10000: got "1.5".'],
      [["--orders", here.path("none")], `The orders in "${here.path("none")}" cannot be read (ENOENT).`],
      [["--orders", here.path("full")], `The orders in "${here.path("full")}" cannot be read (EISDIR).`],
      [
        ["--orders", here.path("latin")],
        `The file "${here.path("latin")}" is not UTF-8 text: it should have an order, as a JSON object, in each line.`,
      ],
      [["--keep", here.path("full")], `The directory for --keep must be empty or new: "${here.path("full")}" has something in it.`],
      [["--keep", here.path("latin")], `The directory for --keep cannot be made or read: "${here.path("latin")}" (EEXIST).`],
    ]
    for (const [args, expected] of refused) {
      const begin = () => {
        const given = readArguments(args, "en")
        ordersToPlace(given)
        directoryFor(given)
      }
      expect(sentence(begin)).toBe(expected)
    }
    expect(readdirSync(here.path("full"))).toEqual(["file"])
  })

  test(
    "the program prints it and ends with 1, before anything is made",
    async () => {
      await using here = workspace()
      const { code, output, errors } = await example(here, "--orders", here.path("none"), "--keep", here.path("kept"))
      expect({ code, output, errors }).toEqual({
        code: 1,
        output: "",
        errors: `The orders in "${here.path("none")}" cannot be read (ENOENT).\n`,
      })
      expect(readdirSync(here.directory)).not.toContain("kept")
      expect(await example(here, "--help")).toMatchObject({ code: 0, errors: "", output: expect.stringContaining("npm run example") })
    },
    limitMs,
  )
})

function sentence(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    return (error as Error).message
  }
  return "nothing was refused"
}
