import type { ChannelInterface, OperationInterface } from "@asyncapi/parser"
import { code, type Words, words } from "../support/language.ts"
import { Wrong } from "../support/wrong.ts"
import { addressOf, refusal } from "./parsed.ts"
import { generated, json, ServiceRun } from "./service-run.ts"

/** What a client has to know to ask, as the document says it. */
interface Asking {
  readonly replyHeader: string | undefined
  /** Where all replies go, if the document says that they go to one place. */
  readonly fixedAddress: string | undefined
  readonly requestId: string
  readonly replyId: string
  readonly replies: ChannelInterface
}

const headerAt = (location: string | undefined) => /^\$message\.header#\/(.+)$/.exec(location ?? "")?.[1]

function asking(operations: readonly OperationInterface[]): Asking {
  const operation = operations.find(
    (one) =>
      one.isReceive() &&
      one
        .channels()
        .all()
        .some((channel) => addressOf(channel) === "create-order"),
  )
  const unknown = (ko: string, en: string, steps: readonly Words[] = []) => new Wrong(words(ko, en, generated, code("create-order")), steps)
  if (!operation)
    throw unknown(
      "{0:은/는} {1:을/를} 어디로 보낼지 몰라요. 주문 서비스가 그것을 받는다고(`receive`) 문서에 없어요",
      "{0} does not know where to send {1}: the document does not say that the order service receives it",
      toldOf(operations),
    )
  const replies = operation.reply()?.channel()
  if (!replies)
    throw unknown("{0:은/는} {1}의 답이 무엇이고 어디로 오는지 몰라요", "{0} does not know what the reply to {1} is, nor where it comes")
  const location = operation.reply()?.address()?.location()
  const fixed = replies.address() ?? undefined
  if (location && fixed) {
    const headline = words(
      "답의 주소가 둘이에요. 요청의 헤더에 있으면 답 채널의 `address`는 `null`이에요",
      "the reply has two addresses: where it stands in the request's header, the reply channel's `address` is `null`",
    )
    throw new Wrong(headline, [
      words("`reply.address.location`: {0}", "`reply.address.location`: {0}", code(location)),
      words("답 채널의 `address`: {0}", "the reply channel's `address`: {0}", code(fixed)),
    ])
  }
  const [requestId, replyId] = [operation.channels().all(), [replies]].map((channels) => headerAt(correlation(channels)))
  if (!requestId || !replyId)
    throw unknown(
      "{0:은/는} 두 번 묻고 나서 어느 답이 어느 {1}의 답인지 몰라요. 요청과 답의 `correlationId`가 필요해요",
      "having asked twice, {0} does not know which reply is to which {1}: request and reply both need a `correlationId`",
    )
  return { replyHeader: headerAt(location), fixedAddress: fixed, requestId, replyId, replies }
}

function correlation(channels: readonly ChannelInterface[]): string | undefined {
  return channels
    .flatMap((channel) => channel.messages().all())
    .map((message) => message.correlationId()?.location())
    .find(Boolean)
}

function toldOf(operations: readonly OperationInterface[]): Words[] {
  const said = (operation: OperationInterface) =>
    words(
      "문서의 오퍼레이션: {0}",
      "the document's operation: {0}",
      code(`${operation.id()}: ${operation.action()} ${operation.channels().all().map(addressOf).join(", ")}`),
    )
  return operations.map(said)
}

/** A client that knows nothing but the document asks twice, and waits where the document lets it wait. */
export async function askFromDocument(operations: readonly OperationInterface[]): Promise<void> {
  const { replyHeader, fixedAddress, requestId, replyId, replies } = asking(operations)
  await using run = new ServiceRun()
  run.start()
  const { broker } = run.process(generated)
  for (const question of ["question-1", "question-2"]) {
    const queue = fixedAddress ?? `replies-to-${question}`
    const headers = { [requestId]: question, ...(replyHeader && { [replyHeader]: queue }) }
    await run.sends(generated, broker, "create-order", { customerId: "customer-1", items: [{ dish: "bibimbap", quantity: 2 }] }, headers)
    await run.clock.advance(5_000)
    const [reply] = broker.queue(queue).receive()
    if (!reply) {
      return noReply(run, queue, replyHeader)
    }
    reply.ack()
    run.tell("답이 와요: {0}, 헤더는 {1}", "a reply comes: {0}, with the headers {1}", json(reply.body), json(reply.headers))
    if (reply.headers[replyId] !== question)
      run.fails("WRONG", words("답의 {0} 헤더에 {1:이/가} 없어요", "the reply's header {0} is not {1}", code(replyId), code(question)))
    const complaint = refusal(replies, reply.body)
    if (complaint)
      run.fails(
        "WRONG",
        words("온 답을 문서의 스키마가 거절해요: {0}", "the document's schema refuses the reply that came: {0}", complaint),
      )
  }
}

function noReply(run: ServiceRun, queue: string, replyHeader: string | undefined): never {
  const note = replyHeader
    ? words("서비스는 요청의 `reply-to` 헤더에 적힌 곳으로 답해요", "the service replies to the address in the request's header `reply-to`")
    : words(
        "요청의 어디에 주소를 적을지 문서에 없어서(`reply.address.location`) 적지 않았어요",
        "the document does not say where the request names the address (`reply.address.location`), so it names none",
      )
  const headline = words(
    "{0} 큐에서 기다리는 답이 오지 않아요",
    "no reply comes to the queue {0}, where the client waits for it",
    code(queue),
  )
  run.fails("LOST", headline, note)
}
