import { test } from "vitest"
import { type Interaction, type Style, styleOf } from "#work/3.1.1-interaction-styles/1-two-dimensions.ts"
import { type Words, words } from "../support/language.ts"
import { Wrong } from "../support/wrong.ts"
import { shown } from "./services.ts"

type Asked = Pick<Interaction, "sentTo" | "senderWaits" | "replyTo">
type Case = readonly [asked: Asked, style: Style, why: Words]

const toHttp: Case = [
  { sentTo: "address", senderWaits: true },
  "request/response",
  words("한 곳에 묻고, 답이 올 때까지 기다려요", "one service is asked, and the sender waits for its answer"),
]

const oneToOne: readonly Case[] = [
  toHttp,
  [
    { sentTo: "queue", senderWaits: true, replyTo: "replies-1" },
    "request/response",
    words(
      "메시지를 썼어도 보낸 쪽은 답을 기다려요. 동기인지 아닌지는 무엇으로 보내는지가 아니라 기다리는지로 정해져요",
      "it goes by messages, and still the sender waits: waiting makes it synchronous, not what carries it",
    ),
  ],
  [
    { sentTo: "queue", senderWaits: false, replyTo: "order-replies" },
    "request/asynchronous response",
    words("답을 받을 곳을 적고, 기다리지 않아요", "the sender names a place for the answer and does not wait"),
  ],
  [
    { sentTo: "address", senderWaits: false, replyTo: "http://orders/answers" },
    "request/asynchronous response",
    words("HTTP로 보냈어도 답은 나중에 다른 주소로 와요", "it goes by HTTP, and still the answer comes later, to an address of its own"),
  ],
  [
    { sentTo: "queue", senderWaits: false },
    "one-way notification",
    words("한 곳에 알리고, 답은 바라지 않아요", "one service is told, and no answer is asked for"),
  ],
]

const oneToMany: readonly Case[] = [
  [
    { sentTo: "topic", senderWaits: false },
    "publish/subscribe",
    words("구독한 모두에게 알리고, 답은 바라지 않아요", "whoever has subscribed is told, and no answer is asked for"),
  ],
  [
    { sentTo: "topic", senderWaits: false, replyTo: "delivery-offers" },
    "publish/asynchronous responses",
    words("구독한 모두에게 묻고, 답을 받을 곳을 적어요", "whoever has subscribed is asked, and a place for the answers is named"),
  ],
]

test("[1] the style follows from what the sender asked for", () => {
  for (const each of [...oneToOne, ...oneToMany]) check(each, 1, each[0].replyTo || each[0].senderWaits ? 1 : 0)
})

test("[1] the style does not depend on who was there", () => {
  for (const receivers of [0, 1, 2, 3]) for (const each of oneToMany) check(each, receivers, 0)
})

test("[1] the style does not depend on which answers came", () => {
  for (const each of [...oneToOne, ...oneToMany]) {
    if (!each[0].replyTo && !each[0].senderWaits) continue
    check(each, 1, 0)
    if (each[0].sentTo === "topic") for (const answers of [1, 2, 3]) check(each, 3, answers)
  }
})

function check([asked, style, why]: Case, receivers: number, answers: number): void {
  const said: unknown = styleOf({ ...asked, receivers, answers })
  if (said === style) return
  const headline = words(
    "이 상호 작용은 {0}인데, styleOf()는 {1:이라고/라고} 해요",
    "this interaction is {0}, and styleOf() says {1}",
    shown(style),
    shown(said),
  )
  const waits = asked.senderWaits
    ? words("보낸 쪽은 답이 올 때까지 기다려요", "the sender waits until the answer is there")
    : words("보낸 쪽은 기다리지 않고 다음 일을 해요", "the sender goes on and does not wait")
  throw new Wrong(
    headline,
    [
      words("`sentTo`는 {0}", "`sentTo` is {0}", shown(asked.sentTo)),
      words("{0} (`senderWaits: {1}`)", "{0} (`senderWaits: {1}`)", waits, String(asked.senderWaits)),
      words("`replyTo`는 {0}", "`replyTo` is {0}", shown(asked.replyTo)),
      words("받은 서비스 {0}, 온 답 {1}", "services that got it: {0}, answers so far: {1}", receivers, answers),
    ],
    why,
  )
}
