import { test } from "vitest"
import { checkout, type OrderPage, OrderPages, UnavailableError } from "#work/3.2.3-circuit-breaker/5-fallback.ts"
import { explore } from "../support/explore.ts"
import { words } from "../support/language.ts"
import { Story, shown, watched } from "../support/story.ts"

const keepMs = 600_000
const minutes = 60_000

/** The kitchen answers with so many minutes, or is not asked, or does not answer; somebody asks for a page; time passes. */
type Act = { readonly kitchen: number | "not made" | "no answer" | "unknown order" } | { readonly page: string } | number

class HttpError extends Error {
  override readonly name = "HttpError"
}

test("[9] while the kitchen answers, the page shows its estimate", async () => {
  await explore(
    {
      small: [
        [{ kitchen: 25 }, { page: "order-7" }],
        [{ kitchen: 25 }, { page: "order-7" }, 5 * minutes, { kitchen: 40 }, { page: "order-7" }],
      ],
    },
    runPages,
  )
})

test("[9] when it does not, the page shows the last estimate of this order and its time, or none", async () => {
  const silent = (["not made", "no answer"] as const).map((kitchen) => ({ kitchen }))
  const small = silent.flatMap((out): Act[][] => [
    [out, { page: "order-7" }],
    [{ kitchen: 25 }, { page: "order-7" }, 5 * minutes, out, { page: "order-7" }],
    [{ kitchen: 25 }, { page: "order-7" }, 5 * minutes, out, { page: "order-7" }, 4 * minutes, { page: "order-7" }],
    [{ kitchen: 25 }, { page: "order-7" }, 5 * minutes, out, { page: "order-7" }, 6 * minutes, { page: "order-7" }],
    [{ kitchen: 25 }, { page: "order-8" }, out, { page: "order-7" }],
    [{ kitchen: 25 }, { page: "order-7" }, keepMs, out, { page: "order-7" }],
    [{ kitchen: 25 }, { page: "order-7" }, { kitchen: 40 }, { page: "order-7" }, minutes, out, { page: "order-7" }],
  ])
  await explore({ small }, runPages)
})

test("[9] an error that is no outage is not hidden", async () => {
  await explore({ small: [[{ kitchen: 25 }, { page: "order-7" }, { kitchen: "unknown order" }, { page: "order-7" }]] }, runPages)
})

async function runPages(acts: readonly Act[]): Promise<void> {
  const story = new Story({ now: 0 })
  const { clock } = story
  await clock.advance(minutes)
  let kitchen: Extract<Act, { kitchen: unknown }>["kitchen"] = "not made"
  let fellBack: unknown[] = []
  let thrown: unknown
  const known = new Map<string, { minutes: number; asOf: number }>()
  const estimate = async () => {
    if (typeof kitchen === "number") return kitchen
    thrown = kitchen === "unknown order" ? new HttpError("HTTP 404") : new UnavailableError(kitchen)
    throw thrown
  }
  const pages = new OrderPages({ clock, keepMs, estimate, fellBack: (error) => void fellBack.push(error) })
  for (const act of acts) {
    if (typeof act === "number") await clock.advance(act)
    else if ("kitchen" in act) {
      kitchen = act.kitchen
      if (typeof kitchen === "number") story.tell("주방이 {0}분이라고 답해요", "the kitchen answers: {0} minutes", kitchen)
      else if (kitchen === "unknown order")
        story.tell("주방이 모르는 주문이라고 답해요 (HTTP 404)", "the kitchen answers that it knows no such order (HTTP 404)")
      else story.tell("주방의 답을 받을 수 없어요 ({0})", "the kitchen gives no answer ({0})", kitchen)
    } else {
      fellBack = []
      const seen = watched(story, () => pages.page(act.page))
      await clock.settle()
      story.tell("{0} 페이지: {1}", "the page of {0}: {1}", act.page, shown(seen))
      const last = known.get(act.page)
      if (typeof kitchen === "number") known.set(act.page, { minutes: kitchen, asOf: clock.now() })
      judgePage(story, { orderId: act.page, kitchen, last, page: seen.ending?.value, error: seen.ending?.error, thrown, fellBack })
    }
  }
}

interface Shown {
  readonly orderId: string
  readonly kitchen: unknown
  readonly last: { readonly minutes: number; readonly asOf: number } | undefined
  readonly page: OrderPage | undefined
  readonly error: unknown
  readonly thrown: unknown
  readonly fellBack: readonly unknown[]
}

function judgePage(story: Story, { orderId, kitchen, last, page, error, thrown, fellBack }: Shown): void {
  if (kitchen === "unknown order") {
    if (error === thrown) return
    const headline = words("404는 장애가 아닌데 대체 응답(fallback) 뒤로 숨었어요", "a 404 is no outage, and the fallback hides it")
    throw story.failure("PHANTOM", headline)
  }
  if (!page) throw story.failure("WRONG", words("페이지를 보여 주지 못해요", "there is no page to show"))
  if (page.orderId !== orderId) throw story.failure("WRONG", words("다른 주문의 페이지예요", "it is the page of another order"))
  const useful = last && story.clock.now() - last.asOf <= keepMs ? last : undefined
  const expected = typeof kitchen === "number" ? { minutes: kitchen, asOf: undefined } : { minutes: useful?.minutes, asOf: useful?.asOf }
  const expectedText = JSON.stringify({ orderId, ...expected })
  const note = words("기대한 페이지: {0}", "expected: {0}", expectedText)
  if (page.minutes !== undefined && expected.minutes === undefined) {
    const headline = last
      ? words("10분이 넘은 예상 시간을 아직 보여 줘요", "it still shows an estimate that is more than ten minutes old")
      : words("주방이 말한 적 없는 {0}분을 보여 줘요", "it shows {0} minutes, which the kitchen never said of this order", page.minutes)
    throw story.failure("PHANTOM", headline, note)
  }
  if (page.minutes !== expected.minutes) {
    throw story.failure("WRONG", words("예상 시간이 {0}예요", "the estimate is {0}", String(page.minutes)), note)
  }
  if (page.asOf !== expected.asOf) {
    const headline =
      page.asOf === undefined
        ? words("예전의 예상 시간을 지금 것처럼 보여 줘요", "it shows an earlier estimate as if it were of now")
        : words("asOf가 주방이 답한 시각이 아니에요", "asOf is not the time at which the kitchen said so")
    throw story.failure("PHANTOM", headline, note)
  }
  const counted = typeof kitchen === "number" ? fellBack.length === 0 : fellBack.length === 1 && fellBack[0] === thrown
  if (counted) return
  const headline =
    typeof kitchen === "number"
      ? words("대체 응답을 쓰지 않았는데 fellBack()을 불렀어요", "fellBack() is called, and there was no fallback")
      : words(
          "대체 응답을 쓴 것을 아무도 몰라요. fellBack()을 한 번 불러야 해요",
          "nobody hears of the fallback: fellBack() is to be called once",
        )
  throw story.failure("WRONG", headline)
}

/** How the charge goes: what the card service does, and what its caller gets. */
const charges = [
  { charged: true, gets: "approved", expected: 201 },
  { charged: false, gets: "declined", expected: 402 },
  { charged: false, gets: "not made", expected: 503 },
  { charged: true, gets: "no answer", expected: 202 },
  { charged: false, gets: "no answer", expected: 202 },
] as const

test("[10] the customer is told what is known", async () => {
  await explore({ small: charges }, async ({ charged, gets, expected }) => {
    const story = new Story()
    const seen = watched(story, () =>
      checkout(async () => {
        if (charged) story.tell("카드 서비스가 카드를 결제해요", "the card service charges the card")
        if (gets === "approved" || gets === "declined") {
          story.tell("카드 서비스가 답해요: {0}", "the card service answers: {0}", gets)
          return gets
        }
        if (gets === "not made") story.tell("차단기가 열려 있어서 호출이 나가지 않아요", "the breaker is open, the call is not made")
        else story.tell("답이 오지 않아요", "no answer comes")
        throw new UnavailableError(gets)
      }),
    )
    await story.clock.settle()
    story.tell("고객에게는 {0}", "the customer is told: {0}", shown(seen))
    if (seen.ending?.value !== expected) throw judgeCheckout(story, { charged, gets, expected, told: seen.ending?.value })
  })
})

test("[10] an error that is no outage is not hidden", async () => {
  const story = new Story()
  const error = new TypeError("won is not a number")
  const seen = watched(story, () =>
    checkout(async () => {
      story.tell("우리 코드의 실수로 예외가 나요: {0}", "a mistake in our own code throws: {0}", String(error))
      throw error
    }),
  )
  await story.clock.settle()
  story.tell("결과: {0}", "what comes out: {0}", shown(seen))
  if (seen.ending?.error === error) return
  throw story.failure(
    "PHANTOM",
    words("우리 코드의 실수를 카드 서비스의 장애로 꾸며요", "a mistake of our own is passed off as an outage of the card service"),
  )
})

interface Told {
  readonly charged: boolean
  readonly gets: string
  readonly expected: number
  readonly told: number | undefined
}

function judgeCheckout(story: Story, { charged, gets, expected, told }: Told): Error {
  const note = words("기대한 결과: {0}", "expected: {0}", expected)
  if (told === 201 && !charged) {
    return story.failure(
      "PHANTOM",
      words("결제됐다고 했지만 카드는 결제되지 않았어요", "the customer is told that it is paid, and nothing was charged"),
      note,
    )
  }
  if (told === 503 && charged) {
    const headline = words("다시 시도하라고 하면 고객은 두 번 결제해요", "told to try again, the customer pays twice")
    return story.failure("DUPLICATED", headline, note)
  }
  if (told === 402 && gets === "no answer") {
    return story.failure(
      "PHANTOM",
      words("아무도 거절하지 않은 결제를 거절됐다고 해요", "a payment that nobody declined is said to be declined"),
      note,
    )
  }
  return story.failure("WRONG", words("결과가 {0}예요", "the result is {0}", String(told)), note)
}
