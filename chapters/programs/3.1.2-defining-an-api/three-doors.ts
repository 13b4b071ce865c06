import { z } from "zod"
import { type BrokerError, openBroker } from "#waystation"
import { virtualClock } from "#waystation/testing"

const Ticket = z.object({ dish: z.string(), portions: z.int().min(1) })
type Ticket = z.infer<typeof Ticket>

/** The order service asks the kitchen to cook. Either may open the channel with the schema, or with the type alone. */
async function ask(who: string, orderService: { schema?: typeof Ticket }, kitchen: { schema?: typeof Ticket }): Promise<void> {
  const clock = virtualClock()
  const broker = openBroker(":memory:", { clock })
  broker.requestReply<Ticket, string>("kitchen", kitchen).respond(({ body }) => {
    const spare = 1 // one more, in case something burns
    return `${body.portions + spare} portions of ${body.dish}`
  })

  // A web form knows nothing but text, and JSON.parse() says that it returns anything.
  const ticket: Ticket = JSON.parse('{ "dish": "bibimbap", "portions": "2" }')
  const began = clock.now()
  const said = broker
    .requestReply<Ticket, string>("kitchen", orderService)
    .request(ticket)
    .catch((error: BrokerError) => (error.code === "INVALID_BODY" ? error.message : error.code))
    .then((answer) => console.log(`${who}: after ${clock.now() - began} ms\n  ${answer}`))
  await clock.advance(60_000)
  await said
  await broker.close()
}

await ask("A, nobody checks", {}, {})
await ask("B, the kitchen checks", {}, { schema: Ticket })
await ask("C, both check", { schema: Ticket }, { schema: Ticket })
