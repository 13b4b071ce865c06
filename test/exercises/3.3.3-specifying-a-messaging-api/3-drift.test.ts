import { test } from "vitest"
import { openBroker } from "#waystation"
import { virtualClock } from "#waystation/testing"
import { drift, misfits, startKitchen } from "#work/3.3.3-specifying-a-messaging-api/3-drift.ts"
import { code, type Words, words } from "../support/language.ts"
import { Station } from "../support/station.ts"
import { Wrong } from "../support/wrong.ts"
import { refusalBy } from "./json-schema.ts"
import { type Operation, operationsIn, payloadOf, promised, startRenamedKitchen } from "./kitchen.ts"
import { json } from "./service-run.ts"

const kitchen: Words = { ko: "주방", en: "the kitchen" }
const nameOf = ({ action, address }: { action: string; address: string }) => `${action} ${address}`

async function describedKitchen() {
  await using broker = openBroker(":memory:", { clock: virtualClock() })
  startKitchen(broker, () => {})
  return broker.describe({ title: "Kitchen", version: "1.0.0" })
}

test("[6] describe() finds both channels as soon as the kitchen is started, and what it does there", async () => {
  const described = operationsIn(await describedKitchen())
    .map(nameOf)
    .sort()
  const expected = promised.map(nameOf)
  if (JSON.stringify(described) === JSON.stringify(expected)) return
  const headline = words(
    "describe()가 쓴 오퍼레이션이 {0}이어야 하는데 다르게 나와요",
    "the operations that describe() writes are not {0}",
    json(expected),
  )
  throw new Wrong(headline, [words("describe()가 쓴 것: {0}", "it writes {0}", json(described))])
})

const bodies: Readonly<Record<string, readonly (readonly [body: unknown, fits: boolean])[]>> = {
  "kitchen-commands": [
    [{ orderId: "order-7" }, false],
    [{ orderId: "order-7", dish: "bibimbap", portions: 2 }, true],
    [{ orderId: "order-7", dish: "bibimbap", portions: "2" }, false],
    [{ orderId: "order-7", dish: "bibimbap", portions: 0 }, false],
    [{ orderId: "order-7", dish: "bibimbap", portions: 1.5 }, false],
    [{ orderId: "order-7", dish: "bibimbap" }, false],
    [{ orderId: "order-7", portions: 2 }, false],
    [{ orderId: 7, dish: "bibimbap", portions: 2 }, false],
  ],
  "orders-ready": [
    [{ orderId: "order-7", rack: 3 }, true],
    [{ orderId: "order-7" }, false],
    [{ orderId: "order-7", rack: 0 }, false],
    [{ rack: 3 }, false],
  ],
}

test("[6] what describe() writes lets the right messages pass, and no other", async () => {
  const document = await describedKitchen()
  for (const address of Object.keys(document.channels)) {
    const payload = payloadOf(document, address)
    const bare = ["{0} 채널의 메시지에 스키마(`payload`)가 없어요", "the message of the channel {0} has no schema (`payload`)"] as const
    if (!payload) throw new Wrong(words(...bare, code(address)))
    for (const [body, fits] of bodies[address] ?? []) {
      const complaint = refusalBy(payload, body)
      if (fits === (complaint === undefined)) continue
      const headline = fits
        ? words("{0}의 스키마가 맞는 본문을 거절해요: {1}", "the schema of {0} refuses a valid body: {1}", code(address), complaint ?? "")
        : words("{0}의 스키마가 틀린 본문을 받아요", "the schema of {0} lets a wrong body pass", code(address))
      throw new Wrong(headline, [words("본문: {0}", "the body: {0}", json(body))])
    }
  }
})

test("[6] the kitchen cooks what it is told to, and tells that an order is ready", async () => {
  await using run = new Station({ name: (body) => ({ message: JSON.stringify(body) }) })
  const { broker } = run.process({ ko: "주문 서비스", en: "the order service" })
  const [cooked, heard]: [string[], unknown[]] = [[], []]
  const orderReady = startKitchen(run.process(kitchen).broker, (orderId) => void cooked.push(orderId))
  broker.topic("orders-ready").subscribe("order-service", ({ body }) => void heard.push(body))
  await run.until(broker.queue("kitchen-commands").send({ orderId: "order-7", dish: "bibimbap", portions: 2 }))
  await run.until(orderReady("order-7", 3))
  await run.reaches(() => cooked.length > 0 && heard.length > 0, 10_000)
  run.judge()
  if (JSON.stringify([cooked, heard]) === JSON.stringify([["order-7"], [{ orderId: "order-7", rack: 3 }]])) return
  const steps = [
    words("`cook`이 받은 것: {0}", "`cook` gets {0}", json(cooked)),
    words("`orders-ready`에서 들은 것: {0}", "`orders-ready` brings {0}", json(heard)),
  ]
  throw new Wrong(words("명령이나 이벤트가 가지 않아요", "the command or the event does not get there"), steps)
})

const list = (operations: readonly Operation[]) => operations.map(nameOf).join(", ") || "–"

/** Each problem is named once, by what its line begins with. */
function expectProblems(came: readonly string[], expected: readonly string[], steps: readonly Words[]): void {
  const beginnings = came.map((problem) => problem.split(": ")[0] ?? "")
  const missing = expected.find((name) => !beginnings.includes(name))
  const strange = came.find((_, index) => !expected.includes(beginnings[index] ?? ""))
  const told = [...steps, words("돌려준 것: {0}", "what is returned: {0}", json(came))]
  if (missing) throw new Wrong(words("{0}의 문제를 찾지 못해요", "the problem of {0} is not found", code(missing)), told)
  if (strange) throw new Wrong(words("문제가 아닌 것을 문제라고 해요: {0}", "what is no problem is called one: {0}", strange), told)
}

function expectDrift(before: readonly Operation[], after: readonly Operation[], expected: readonly string[]): void {
  const steps = [words("약속한 것: {0}", "promised: {0}", list(before)), words("돌고 있는 것: {0}", "served: {0}", list(after))]
  expectProblems(drift(before, after), expected, steps)
}

const [commands, ready] = promised as readonly [Operation, Operation]

test("[7] nothing is said of two that agree", () => {
  expectDrift(promised, promised, [])
  expectDrift(promised, [ready, commands], [])
  expectDrift([], [], [])
})

test("[7] what only one of them has is found, both ways", () => {
  const burnt: Operation = { ...ready, address: "orders-burnt" }
  expectDrift(promised, [commands], ["send orders-ready"])
  expectDrift(promised, [...promised, burnt], ["send orders-burnt"])
  expectDrift([commands], [{ ...commands, action: "send" }], ["receive kitchen-commands", "send kitchen-commands"])
  expectDrift(promised, [], ["receive kitchen-commands", "send orders-ready"])
})

test("[7] a running kitchen is held to its promise", async () => {
  await using broker = openBroker(":memory:", { clock: virtualClock() })
  startRenamedKitchen(broker)
  const served = operationsIn(broker.describe({ title: "Kitchen" }))
  expectDrift(promised, served, ["receive kitchen-commands", "receive kitchen-orders", "send orders-burnt"])
})

const schema = (properties: object, ...required: string[]) => ({ type: "object", properties, required })
const text = { type: "string" }
const count = { type: "integer", minimum: 1 }

/** How a running service may differ from its promise, and whether it harms anybody. */
const changes: readonly { readonly what: Words; readonly of: Operation; readonly now: Partial<Operation>; readonly harms: boolean }[] = [
  { what: words("그대로예요", "nothing is different"), of: commands, now: {}, harms: false },
  {
    what: words("받는 쪽이 `table`도 요구해요", "the receiving service asks for a `table`, too"),
    of: commands,
    now: { payload: schema({ ...(commands.payload.properties as object), table: count }, "orderId", "dish", "portions", "table") },
    harms: true,
  },
  {
    what: words("받는 쪽이 `portions`를 2부터 받아요", "the receiving service takes `portions` only from 2 up"),
    of: { ...commands, examples: [...commands.examples, { orderId: "order-8", dish: "japchae", portions: 1 }] },
    now: { payload: schema({ orderId: text, dish: text, portions: { ...count, minimum: 2 } }, "orderId", "dish", "portions") },
    harms: true,
  },
  {
    what: words(
      "받는 쪽은 `portions`가 없어도 받고, 실제로 그런 메시지가 왔어요",
      "the receiving service does without `portions`, and such a message came",
    ),
    of: commands,
    now: {
      payload: schema({ orderId: text, dish: text, portions: count }, "orderId", "dish"),
      examples: [{ orderId: "order-8", dish: "japchae" }],
    },
    harms: false,
  },
  {
    what: words("보내는 쪽이 약속한 `rack`을 보내지 않아요", "the sending service leaves out the `rack` that it promised"),
    of: ready,
    now: { payload: schema({ orderId: text }, "orderId"), examples: [{ orderId: "order-8" }] },
    harms: true,
  },
  {
    what: words("보내는 쪽이 `rack`을 가끔 글자로 보내요", "the sending service sometimes sends the `rack` as text"),
    of: ready,
    now: {
      payload: schema({ orderId: text, rack: { type: ["integer", "string"] } }, "orderId", "rack"),
      examples: [
        { orderId: "order-8", rack: 3 },
        { orderId: "order-9", rack: "3" },
      ],
    },
    harms: true,
  },
  {
    what: words("보내는 쪽이 언제나 `table`도 보내요", "the sending service always sends a `table` as well"),
    of: ready,
    now: {
      payload: schema({ orderId: text, rack: count, table: count }, "orderId", "rack", "table"),
      examples: [{ orderId: "order-8", rack: 3, table: 4 }],
    },
    harms: false,
  },
]

test("[8] what breaks the promise to a client is found, and nothing else", () => {
  for (const { what, of, now, harms } of changes) {
    const running: Operation = { ...of, ...now }
    const steps = [
      words("약속: {0}, 예 {1}", "promised: {0}, with the examples {1}", code(nameOf(of)), json(of.examples)),
      words("{0}", "{0}", what),
      words("돌고 있는 채널에서 기록한 메시지: {0}", "recorded on the running channel: {0}", json(running.examples)),
    ]
    expectProblems(misfits([of], [running]), harms ? [nameOf(of)] : [], steps)
  }
})

test("[8] what only one of them has is left to drift()", () => {
  const turned: Operation = { ...ready, action: "receive", payload: schema({ table: count }, "table"), examples: [{ orderId: "order-8" }] }
  for (const served of [commands, turned]) {
    expectProblems(
      misfits([ready], [served]),
      [],
      [words("약속: {0}. 돌고 있는 것: {1}", "promised: {0}. Served: {1}", code(nameOf(ready)), code(nameOf(served)))],
    )
  }
})
