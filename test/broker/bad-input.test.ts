import { describe, expect, test } from "vitest"
import { type Broker, BrokerError, openBroker } from "#waystation"
import { refusal } from "./support/waiting.ts"

/** What is done, the class of error, what the message says there is, what it says there should be. */
type Case = [what: string, call: (broker: Broker) => unknown, error: typeof TypeError | typeof BrokerError, is: RegExp, should: RegExp]

const queue = (broker: Broker) => broker.queue("kept")
const log = (broker: Broker) => broker.partitioned("log", { partitions: 2 })
const delivery = (broker: Broker) => broker.queue("kept").receive()[0]
const anything = (value: unknown) => value as never

function nested(depth: number): unknown {
  let body: unknown = 1
  for (let level = 0; level < depth; level++) body = [body]
  return body
}

function cyclic(): unknown {
  const body: Record<string, unknown> = {}
  body.self = { body }
  return body
}

const kinds: Record<string, (broker: Broker, name: never) => unknown> = {
  queue: (broker, name) => broker.queue(name),
  topic: (broker, name) => broker.topic(name),
  partitioned: (broker, name) => broker.partitioned(name, { partitions: 2 }),
  requestReply: (broker, name) => broker.requestReply(name),
  createSubscription: (broker, name) => broker.topic("prices").createSubscription(name),
  "consumer group": (broker, name) => log(broker).consume(name, () => {}),
}

const names: Case[] = Object.entries(kinds).flatMap(([kind, make]): Case[] => [
  [`${kind}: an empty name`, (broker) => make(broker, anything("")), RangeError, /0/, /1 to 200/],
  [`${kind}: a name of 201 characters`, (broker) => make(broker, anything("x".repeat(201))), RangeError, /201/, /200/],
  [`${kind}: a line break in the name`, (broker) => make(broker, anything("a\nb")), TypeError, /a\\nb/, /control/],
  [`${kind}: a NUL in the name`, (broker) => make(broker, anything("a\u0000b")), TypeError, /a\\u0000b/, /control/],
  [`${kind}: half of a surrogate pair in the name`, (broker) => make(broker, anything("a\ud800")), TypeError, /a/, /Unicode|surrogate/i],
  [`${kind}: a name that is no string`, (broker) => make(broker, anything(5)), TypeError, /5/, /string/],
  [`${kind}: no name`, (broker) => make(broker, anything(undefined)), TypeError, /undefined/, /string/],
])

const channels: Case[] = [
  ["a queue's name for a topic", (broker) => broker.topic("kept"), BrokerError, /queue/, /topic/],
  ["a topic's name for a queue", (broker) => broker.queue("prices"), BrokerError, /topic/, /queue/],
  ["a log's name for a queue", (broker) => broker.queue("log"), BrokerError, /partitioned/, /queue/],
  ["a queue's name for a log", (broker) => broker.partitioned("kept", { partitions: 2 }), BrokerError, /queue/, /partitioned/],
  ["a queue's name for requests", (broker) => broker.requestReply("kept"), BrokerError, /queue/, /request/],
  ["another number of partitions", (broker) => broker.partitioned("log", { partitions: 3 }), BrokerError, /2/, /3/],
  ["no number of partitions", (broker) => broker.partitioned("new", anything({})), TypeError, /undefined|none/, /partitions/],
  ["no options at all", (broker) => broker.partitioned("new", anything(undefined)), TypeError, /undefined|none/, /partitions/],
  ["no partitions", (broker) => broker.partitioned("new", { partitions: 0 }), RangeError, /0/, /partitions.*1/],
  ["half a partition", (broker) => broker.partitioned("new", { partitions: 1.5 }), RangeError, /1\.5/, /integer/],
  ["too many partitions", (broker) => broker.partitioned("new", { partitions: 1e9 }), RangeError, /1000000000/, /partitions/],
  ["partitions as text", (broker) => broker.partitioned("new", { partitions: anything("2") }), TypeError, /"2"/, /integer/],
  ["a misspelt queue option", (broker) => broker.queue("new", anything({ orderbyKey: true })), TypeError, /orderbyKey/, /orderByKey/],
  ["orderByKey as a number", (broker) => broker.queue("new", { orderByKey: anything(1) }), TypeError, /1/, /true or false|boolean/],
  ["orderByKey of a topic", (broker) => broker.topic("new", anything({ orderByKey: true })), TypeError, /orderByKey/, /schema/],
  ["a negative window", (broker) => broker.queue("new", { deduplicationMs: -1 }), RangeError, /-1/, /0/],
  ["a window that is no number", (broker) => broker.queue("new", { deduplicationMs: Number.NaN }), RangeError, /NaN/, /0|number/],
  ["options that are text", (broker) => broker.queue("new", anything("fast")), TypeError, /"fast"/, /object/],
  ["options that are null", (broker) => broker.queue("new", anything(null)), TypeError, /null/, /object/],
  [
    "a misspelt retention",
    (broker) => broker.partitioned("new", { partitions: 1, retention: anything({ messageMax: 1 }) }),
    TypeError,
    /messageMax/,
    /messagesMax/,
  ],
  ["a retention of nothing", (broker) => broker.partitioned("new", { partitions: 1, retention: { messagesMax: 0 } }), RangeError, /0/, /1/],
  ["a negative retention", (broker) => broker.partitioned("new", { partitions: 1, retention: { ageMs: -1 } }), RangeError, /-1/, /ageMs/],
  ["work that is no function", (broker) => broker.transaction(anything(5)), TypeError, /5/, /function/],
  [
    "a promise inside transaction()",
    (broker) => broker.transaction(async () => queue(broker).receive()),
    TypeError,
    /promise/,
    /synchronous/,
  ],
  ["a misspelt option of close()", (broker) => broker.close(anything({ grace: 1 })), TypeError, /grace/, /graceMs/],
  ["a negative grace", (broker) => broker.close({ graceMs: -1 }), RangeError, /-1/, /0/],
]

const bodies: Case[] = [
  ...Object.entries({
    undefined: [undefined, /undefined/],
    "a function": [() => {}, /function/],
    "a symbol": [Symbol("s"), /symbol/],
    "a bigint": [5n, /5/],
    NaN: [Number.NaN, /NaN/],
    Infinity: [{ a: { b: Number.POSITIVE_INFINITY } }, /a\.b.*Infinity/],
    "a Date": [{ at: new Date(0) }, /Date/],
    "a Map": [new Map(), /Map/],
    "a class's instance": [new (class Order {})(), /Order/],
    "a Float64Array": [new Float64Array(1), /Float64Array/],
    "an ArrayBuffer": [new ArrayBuffer(1), /ArrayBuffer/],
    "bytes inside JSON": [{ bytes: new Uint8Array(1) }, /Uint8Array/],
    "a hole in an array": [new Array(1), /undefined/],
    "a bigint deep inside": [{ a: [{ b: 5n }] }, /a\[0\]\.b|5/],
    "an object with toJSON()": [{ toJSON: () => 1 }, /toJSON/],
  }).map(([what, [body, is]]): Case => [`a body that is ${what}`, (broker) => queue(broker).send(body), TypeError, is as RegExp, /JSON/]),
  ["a body that refers to itself", (broker) => queue(broker).send(cyclic()), RangeError, /itself|cyclic/, /deep|cyclic/],
  ["a body nested too deep", (broker) => queue(broker).send(nested(100_000)), RangeError, /deep/, /\d/],
  ["too large a body", (broker) => queue(broker).send("x".repeat(1_048_576)), RangeError, /1048578/, /1048576/],
  ["too many bytes", (broker) => queue(broker).send(new Uint8Array(1_048_577)), RangeError, /1048577/, /1048576/],
  ["a large body of few characters", (broker) => queue(broker).send("가".repeat(350_000)), RangeError, /1050002/, /1048576/],
]

const sends: Case[] = [
  ["a negative delay", (broker) => queue(broker).send(1, { delayMs: -1 }), RangeError, /-1/, /delayMs.*0/],
  ["a delay that is no number", (broker) => queue(broker).send(1, { delayMs: Number.NaN }), RangeError, /NaN/, /delayMs/],
  ["a delay without end", (broker) => queue(broker).send(1, { delayMs: Number.POSITIVE_INFINITY }), RangeError, /Infinity/, /delayMs/],
  ["a delay as text", (broker) => queue(broker).send(1, { delayMs: anything("5") }), TypeError, /"5"/, /number/],
  ["a misspelt send option", (broker) => queue(broker).send(1, anything({ delayMS: 5 })), TypeError, /delayMS/, /delayMs/],
  ["options of a send that are a number", (broker) => queue(broker).send(1, anything(5)), TypeError, /5/, /object/],
  ["an empty id", (broker) => queue(broker).send(1, { id: "" }), RangeError, /0/, /1 to/],
  ["an id that is a number", (broker) => queue(broker).send(1, { id: anything(5) }), TypeError, /5/, /string/],
  ["an id too long", (broker) => queue(broker).send(1, { id: "x".repeat(100_000) }), RangeError, /100000/, /characters/],
  ["a key that is a number", (broker) => queue(broker).send(1, { key: anything(5) }), TypeError, /5/, /string/],
  ["a header that is a number", (broker) => queue(broker).send(1, { headers: { a: anything(5) } }), TypeError, /5/, /string/],
  ["headers that are an array", (broker) => queue(broker).send(1, { headers: anything(["a"]) }), TypeError, /array/, /object/],
  [
    "headers without end",
    (broker) => queue(broker).send(1, { headers: { a: "x".repeat(2_000_000) } }),
    RangeError,
    /2000000|2000001/,
    /65536/,
  ],
  ["no key for a partitioned channel", (broker) => log(broker).send(1, anything({})), TypeError, /undefined|none/, /key/],
  ["no options for a partitioned channel", (broker) => log(broker).send(1, anything(undefined)), TypeError, /undefined|none/, /key/],
  ["a delay in a partitioned channel", (broker) => log(broker).send(1, { key: "k", delayMs: 5 }), TypeError, /delayMs/, /order|queue/],
  ["items that are no list", (broker) => queue(broker).sendMany(anything(5)), TypeError, /5/, /iterable|array/],
  ["one bad item among good ones", (broker) => queue(broker).sendMany([1, [2, { delayMs: -1 }], 3]), RangeError, /-1/, /delayMs/],
  ["a negative delay of a publication", (broker) => broker.topic("prices").publish(1, { delayMs: -1 }), RangeError, /-1/, /0/],
  ["a time-out as text", (broker) => broker.requestReply("ask").request(1, { timeoutMs: anything("5") }), TypeError, /"5"/, /number/],
  ["a negative time-out", (broker) => broker.requestReply("ask").request(1, { timeoutMs: -1 }), RangeError, /-1/, /timeoutMs/],
  ["a key to place that is a number", (broker) => log(broker).partitionOf(anything(5)), TypeError, /5/, /string/],
]

const consumers: Case[] = [
  ["a handler that is none", (broker) => queue(broker).consume(anything("handle")), TypeError, /"handle"/, /function/],
  ["a misspelt option", (broker) => queue(broker).consume(() => {}, anything({ concurency: 2 })), TypeError, /concurency/, /concurrency/],
  ["no concurrency", (broker) => queue(broker).consume(() => {}, { concurrency: 0 }), RangeError, /0/, /concurrency.*1/],
  ["half a handler", (broker) => queue(broker).consume(() => {}, { concurrency: 1.5 }), RangeError, /1\.5/, /integer/],
  ["a lease of nothing", (broker) => queue(broker).consume(() => {}, { leaseMs: 0 }), RangeError, /0/, /leaseMs/],
  ["no attempts", (broker) => queue(broker).consume(() => {}, { attemptsMax: 0 }), RangeError, /0/, /attemptsMax.*1/],
  [
    "a misspelt back-off",
    (broker) => queue(broker).consume(() => {}, { backoff: anything({ initial: 1 }) }),
    TypeError,
    /initial"/,
    /initialMs/,
  ],
  ["a negative back-off", (broker) => queue(broker).consume(() => {}, { backoff: { initialMs: -1 } }), RangeError, /-1/, /initialMs/],
  ["a back-off that is a number", (broker) => queue(broker).consume(() => {}, { backoff: anything(5) }), TypeError, /5/, /object/],
  [
    "transactional as text",
    (broker) => queue(broker).consume(() => {}, { transactional: anything("yes") }),
    TypeError,
    /"yes"/,
    /true or false|boolean/,
  ],
  ["from of a queue", (broker) => queue(broker).consume(() => {}, anything({ from: "latest" })), TypeError, /from/, /concurrency/],
  [
    "an unknown beginning",
    (broker) => log(broker).consume("g", () => {}, { from: anything("begin") }),
    TypeError,
    /"begin"/,
    /earliest.*latest/,
  ],
  ["a subscriber that is none", (broker) => broker.topic("prices").subscribe("s", anything(null)), TypeError, /null/, /function/],
  ["a responder that is none", (broker) => broker.requestReply("ask").respond(anything({})), TypeError, /object/, /function/],
  ["receiving nothing", (broker) => queue(broker).receive({ max: 0 }), RangeError, /0/, /max.*1/],
  ["receiving with a misspelt option", (broker) => queue(broker).receive(anything({ limit: 1 })), TypeError, /limit/, /max/],
  ["receiving with a negative lease", (broker) => queue(broker).receive({ leaseMs: -1 }), RangeError, /-1/, /leaseMs/],
  ["a list of a negative number", (broker) => queue(broker).deadLetters.list({ limit: -1 }), RangeError, /-1/, /limit/],
  ["a redrive of one id instead of a list", (broker) => queue(broker).deadLetters.redrive(anything("id")), TypeError, /"id"/, /array|list/],
  ["a discard of one id instead of a list", (broker) => queue(broker).deadLetters.discard(anything("id")), TypeError, /"id"/, /array|list/],
  ["a discard of numbers", (broker) => queue(broker).deadLetters.discard(anything([1])), TypeError, /1/, /string/],
  ["a seek to an unknown word", (broker) => log(broker).seek("g", anything("begin")), TypeError, /"begin"/, /earliest.*latest/],
  ["a seek to nowhere", (broker) => log(broker).seek("g", anything({})), TypeError, /object/, /sentAt|offsets/],
  ["a seek to a misspelt place", (broker) => log(broker).seek("g", anything({ sentat: 1 })), TypeError, /sentat|object/, /sentAt/],
]

const settlements: Case[] = [
  ["a negative delay of nack()", (broker) => delivery(broker)?.nack({ delayMs: -1 }), RangeError, /-1/, /delayMs/],
  ["a misspelt option of nack()", (broker) => delivery(broker)?.nack(anything({ delay: 1 })), TypeError, /delay"/, /delayMs/],
  ["extending by nothing", (broker) => delivery(broker)?.extend(0), RangeError, /0/, /1|more/],
  ["extending by text", (broker) => delivery(broker)?.extend(anything("5")), TypeError, /"5"/, /number/],
  ["a reason that is a number", (broker) => delivery(broker)?.deadLetter(anything(5)), TypeError, /5/, /string/],
]

/** Every row of every table: what "nothing stored is harmed" is measured by. */
function rows({ database }: Broker): string {
  const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").pluck().all()
  return JSON.stringify(tables.map((table) => [table, database.prepare(`SELECT * FROM "${table}"`).all()]))
}

for (const [group, cases] of Object.entries({ names, channels, bodies, sends, consumers, settlements })) {
  describe(`bad input is refused at the door: ${group}`, () => {
    for (const [what, call, expected, is, should] of cases) {
      test(what, async () => {
        await using broker = openBroker(":memory:")
        await broker.queue("kept").send({ kept: true }, { id: "kept", key: "k", headers: { h: "v" } })
        broker.topic("prices").createSubscription("audit")
        await log(broker).send("kept", { key: "k" })
        broker.requestReply("ask")
        // A settlement needs a lease, which is a change of its own.
        const before = group === "settlements" ? undefined : rows(broker)
        const error = await refusal(() => call(broker))
        expect(`${error.name}: ${error.message}`).toMatch(is)
        expect(error.message).toMatch(should)
        expect(error).toBeInstanceOf(expected)
        // A sentence, or one that begins with the name of what was called.
        expect(error.message).toMatch(/^(?:[A-Z"]|\w+\(\) ).*\.$/s)
        if (before === undefined) expect(broker.inspect().queues[0]?.inFlight).toBe(1)
        else expect(rows(broker)).toBe(before)
      })
    }
  })
}
