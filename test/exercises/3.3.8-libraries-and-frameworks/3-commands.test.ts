import { test } from "vitest"
import { type Broker, createOutbox, type Database, type Message } from "#waystation"
import * as work from "#work/3.3.8-libraries-and-frameworks/3-commands.ts"
import type { Finding } from "../support/anomaly.ts"
import { everyCrash, explore } from "../support/explore.ts"
import { code, words } from "../support/language.ts"
import { Wrong } from "../support/wrong.ts"
import { KitchenRun, type Sending } from "./kitchen.ts"
import { expectSame, nameOf, orderService, ordersTable, ServiceRun } from "./services.ts"

const createTicket: work.Command = { type: "CreateTicket", data: { orderId: "order-7", items: 2 } }

/** The order service sends a command to the kitchen, within a transaction of its own; `fails`: which it then rolls back. */
async function playSend(replyTo: string | undefined, { fails = false, crashAtEffect }: { fails?: boolean; crashAtEffect?: number } = {}) {
  await using run = new ServiceRun(orderService, ordersTable)
  const kitchen = run.process({ ko: "주방 서비스", en: "the kitchen service" }).broker.queue<unknown>("kitchen-commands")
  const { process, database } = run.start()
  const outbox = createOutbox(database)
  let id: string | undefined
  if (crashAtEffect !== undefined) process.crashAtEffect(crashAtEffect)
  process.run(() => {
    const place = database.transaction(() => {
      database.prepare("INSERT INTO orders (id, cents, state) VALUES ('order-7', 1590, 'PLACED')").run()
      id = work.sendCommand(outbox, "kitchen-commands", createTicket, replyTo)
      if (fails) throw new RangeError("This customer has no money.")
    })
    try {
      place()
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      run.tell(
        words("{0:이/가} 명령을 보내던 트랜잭션을 롤백해요", "{0} rolls back the transaction in which it sent a command", orderService),
      )
    }
  })
  await run.relayed()
  const commands = kitchen.receive({ max: 10 })
  const rows = run.rows("SELECT id FROM orders").length
  run.tellState(words("주문 {0}개", "{0} orders", rows))
  run.judge(run.stuck(), comparedSend(rows, commands.length))
  for (const { body, headers, id: came } of commands) {
    expectSame(body, createTicket.data, words("명령의 본문", "the command's body"))
    expectSame(headers["command-type"], "CreateTicket", words("{0} 헤더", "the header {0}", code("command-type")))
    expectSame(headers["reply-to"], replyTo, words("{0} 헤더", "the header {0}", code("reply-to")))
    const headline = words(
      "sendCommand가 돌려준 아이디가 채널에 온 명령의 아이디와 달라요",
      "the id that sendCommand returned is not that of the command on the channel",
    )
    if (id !== came) throw new Wrong(headline)
  }
  return !process.alive
}

function comparedSend(rows: number, commands: number): Finding | undefined {
  if (rows === commands) return undefined
  return rows > commands
    ? { kind: "LOST", headline: words("주문은 있는데 명령이 채널에 없어요", "the order is there, and its command is not on the channel") }
    : {
        kind: "PHANTOM",
        headline: words("명령은 채널에 있는데 주문이 없어요", "the command is on the channel, and there is no such order"),
      }
}

test("[6] a command comes to its channel, and its id is returned", async () => {
  for (const replyTo of ["order-replies", undefined]) await playSend(replyTo)
})

test("[6] command and order are one commit", async () => {
  await playSend("order-replies", { fails: true })
  await everyCrash((crashAtEffect) => playSend("order-replies", { crashAtEffect }))
})

interface CommandSending extends Sending {
  readonly body: { readonly orderId: string; readonly items: number }
}

interface SendingOptions {
  readonly items?: number
  readonly replyTo?: string | undefined
  readonly type?: string
}

function command(order: number, { items = 2, replyTo = "order-replies", type = "CreateTicket" }: SendingOptions = {}): CommandSending {
  const orderId = `order-${order}`
  const headers = { "command-type": type, ...(replyTo !== "" && { "reply-to": replyTo }) }
  return { id: `command-${order}`, key: orderId, body: { orderId, items }, headers }
}

interface Schedule {
  readonly commands: readonly CommandSending[]
  readonly jams?: readonly string[]
  readonly crashAtEffect?: number
}

function isIdle(broker: Broker): boolean {
  const commands = broker.inspect().queues.find(({ name }) => name === "kitchen-commands")
  return commands !== undefined && commands.ready + commands.delayed + commands.inFlight === 0
}

/** The kitchen takes every order but an empty one. Of that it keeps a ticket as well. */
function handlersOf(run: KitchenRun, database: Database): work.CommandHandlers {
  return {
    CreateTicket: (data) => {
      const { orderId, items } = data as CommandSending["body"]
      run.print(database, orderId, items > 0 ? "TO COOK" : "REFUSED")
      return items > 0 ? work.withSuccess({ orderId, minutes: 20 }) : work.withFailure({ orderId, reason: "NO ITEMS" })
    },
  }
}

const replyChannels = ["order-replies", "till-replies"]

async function play(schedule: Schedule): Promise<boolean> {
  await using run = new KitchenRun(schedule.jams)
  const crashed = await serve(run, schedule, (broker) => broker)
  run.judge(...findings(run, schedule.commands))
  return crashed
}

async function serve(run: KitchenRun, { commands, crashAtEffect }: Schedule, brokerOf: (broker: Broker) => Broker): Promise<boolean> {
  const queue = run.sender.queue<unknown>("kitchen-commands", { deduplicationMs: 0 })
  for (const channel of replyChannels) run.sender.queue(channel)
  for (const one of commands) {
    await run.until(queue.send(one.body, { id: one.id, headers: one.headers }))
    run.named(one)
  }
  return run.serve({
    start: (broker, database) => {
      const service = { broker: brokerOf(broker), database }
      work.startCommandDispatcher("kitchen", "kitchen-commands", service, handlersOf(run, database))
    },
    idle: isIdle,
    crashAtEffect,
  })
}

type CameReply = Message<unknown>

function findings(run: KitchenRun, commands: readonly CommandSending[]): (Finding | undefined)[] {
  const replies: CameReply[] = replyChannels.flatMap((channel) => run.sender.queue<unknown>(channel).receive({ max: 100 }))
  for (const { channel, headers } of replies) {
    const of = commands.find(({ id }) => id === headers["correlation-id"])
    const name = of ? nameOf(of) : String(headers["correlation-id"])
    run.tell(
      words(
        "{0}에 온 답: {1}에 대한 {2}",
        "on {0} there is a reply: {2} to {1}",
        code(channel),
        code(name),
        String(headers["reply-outcome"]),
      ),
    )
  }
  const tickets = Object.fromEntries(commands.map(({ body }) => [body.orderId, body.items > 0 ? "TO COOK" : "REFUSED"]))
  const each = [...new Map(commands.map((one) => [one.id, one])).values()].map((one) => wrongReply(one, replies))
  const stray = replies.find(({ headers }) => !commands.some(({ id }) => id === headers["correlation-id"]))
  const strayHeadline = words(
    "{0} 헤더가 {1}인 답이 왔는데, 그런 명령은 없어요",
    "a reply came whose {0} is {1}, and there is no such command",
    code("correlation-id"),
    String(stray?.headers["correlation-id"]),
  )
  return [run.stuck(), stray && { kind: "PHANTOM", headline: strayHeadline }, ...each, run.wrongTickets(tickets)]
}

function wrongReply(sent: CommandSending, replies: readonly CameReply[]): Finding | undefined {
  const replyTo = sent.headers["reply-to"]
  const own = replies.filter(({ headers }) => headers["correlation-id"] === sent.id)
  const name = code(nameOf(sent))
  const expected = replyTo === undefined ? 0 : 1
  if (own.length < expected) return { kind: "LOST", headline: words("{0}의 답이 오지 않았어요", "no reply to {0} came", name) }
  if (own.length > expected && replyTo === undefined) {
    return { kind: "PHANTOM", headline: words("{0} 명령은 답을 바라지 않는데 답이 왔어요", "{0} asks for no reply, and one came", name) }
  }
  if (own.length > expected)
    return { kind: "DUPLICATED", headline: words("{0}의 답이 {1}개 왔어요", "{1} replies to {0} came", name, own.length) }
  const [reply] = own
  if (!reply) return undefined
  expectSame(reply.channel, replyTo, words("{0}의 답이 온 채널", "the channel of the reply to {0}", name))
  const outcome = sent.body.items > 0 ? "SUCCESS" : "FAILURE"
  if (reply.headers["reply-outcome"] !== outcome) {
    const headline = words(
      "{0}의 답은 {1}인데, 맞는 값은 {2}",
      "the reply to {0} says {1}, and should say {2}",
      name,
      String(reply.headers["reply-outcome"]),
      outcome,
    )
    return { kind: "PHANTOM", headline }
  }
  const { orderId } = sent.body
  const data = sent.body.items > 0 ? { orderId, minutes: 20 } : { orderId, reason: "NO ITEMS" }
  expectSame(reply.body, data, words("{0}에 대한 답의 본문", "the body of the reply to {0}", name))
  return undefined
}

test("[7] each command is carried out once, and gets one reply", async () => {
  const small: Schedule[] = [
    { commands: [command(7)] },
    { commands: [command(7), command(8, { replyTo: "till-replies" })] },
    { commands: [command(7), command(7)] },
  ]
  await explore({ small }, async (schedule) => void (await play(schedule)))
})

test("[7] a command without a channel for its reply gets none", async () => {
  await play({ commands: [command(7, { replyTo: "" })] })
})

test("[7] also when the process crashes, wherever that is", async () => {
  await everyCrash((crashAtEffect) => play({ commands: [command(7)], crashAtEffect }))
})

/** What the dispatcher throws is for the broker here, and told. */
async function playStubborn(schedule: Schedule, expectedDead: readonly string[] = []): Promise<void> {
  await using run = new KitchenRun(schedule.jams)
  await serve(run, schedule, (broker) => run.tolerant(broker))
  const dead = run.sender.queue("kitchen-commands").deadLetters.list()
  for (const one of schedule.commands.filter(({ id }) => dead.some((letter) => letter.id === id) !== expectedDead.includes(id))) {
    run.judge(
      expectedDead.includes(one.id)
        ? {
            kind: "LOST",
            headline: words(
              "{0} 명령은 실행할 사람이 없는데 데드 레터에 없어요. 이 일을 알게 될 사람이 없어요",
              "nobody carries out {0}, and it is no dead letter: nobody will hear of it",
              code(nameOf(one)),
            ),
          }
        : {
            kind: "STUCK",
            headline: words(
              "{0} 명령이 되풀이해서 오다가 답 없이 데드 레터가 됐어요",
              "{0} came again and again, and is a dead letter now, without a reply",
              code(nameOf(one)),
            ),
          },
    )
  }
  run.judge(
    ...findings(
      run,
      schedule.commands.filter(({ id }) => !expectedDead.includes(id)),
    ),
  )
}

test("[8] a refusal is a reply, and is kept", async () => {
  await playStubborn({ commands: [command(7, { items: 0 })] })
  await playStubborn({ commands: [command(7, { items: 0 }), command(8)] })
  await everyCrash((crashAtEffect) => play({ commands: [command(7, { items: 0 })], crashAtEffect }))
})

test("[8] a command whose handler throws comes again, with everything undone", async () => {
  await playStubborn({ commands: [command(7)], jams: ["order-7"] })
  await playStubborn({ commands: [command(7, { items: 0 })], jams: ["order-7"] })
})

test("[8] a command that nobody here carries out ends as a dead letter", async () => {
  await playStubborn({ commands: [command(6, { type: "FlambeOrder" }), command(7)] }, ["command-6"])
})
