import type { Broker } from "#waystation"
import type { Finding } from "../support/anomaly.ts"
import { code, type Words, words } from "../support/language.ts"
import type { Process } from "../support/process.ts"
import { courierNamed, missed, orderService, phoneService, type StyleRun, shown } from "./services.ts"

export interface Offer {
  readonly orderId: string
  readonly courier: string
  readonly minutes: number
}

/** In how many minutes each courier could fetch each order, if it wants to. */
export type Minutes = Readonly<Record<string, Readonly<Record<string, number>>>>

export interface Asked {
  readonly who: Words
  readonly orderId: string
  readonly replyTo: string
}

export const fromOrders = (orderId: string): Asked => ({ who: orderService, orderId, replyTo: "delivery-offers" })
export const fromPhone = (orderId: string): Asked => ({ who: phoneService, orderId, replyTo: "phone-offers" })

/** A courier that thinks for a while, in a process of its own. */
export function courierIn(
  run: StyleRun,
  name: string,
  minutes: Minutes,
  process: Process,
): { name: string; minutesFor(orderId: string): Promise<number | undefined> } {
  const who = courierNamed(name)
  return {
    name,
    async minutesFor(orderId) {
      await run.work(who, process, orderId)
      const said = minutes[name]?.[orderId]
      const about = { message: orderId, key: orderId }
      if (said === undefined) run.tell(who, "declined", about, ["{0:은/는} {1:을/를} 마다해요", "{0} does not want {1}"], code(orderId))
      else run.tell(who, "offered", about, ["{0:이/가} {1}에 {2}분을 제안해요", "{0} offers {2} minutes for {1}"], code(orderId), said)
      return said
    },
  }
}

export interface Heard {
  readonly channel: string
  readonly offer: Offer
}

/** Both who ask listen, each at its own channel. */
export function hear(run: StyleRun, { broker }: Process): Heard[] {
  const heard: Heard[] = []
  for (const { who, replyTo } of [fromOrders(""), fromPhone("")]) {
    broker.queue<Offer>(replyTo).consume(({ body }) => {
      heard.push({ channel: replyTo, offer: body })
      const about = { message: String(body?.orderId), key: String(body?.orderId) }
      run.tell(who, "heard", about, ["{0:이/가} {1}에서 제안을 받아요: {2}", "{0} gets an offer from {1}: {2}"], code(replyTo), shown(body))
    })
  }
  return heard
}

/** What may be wrong with the offers that came for this order. */
export function misheard(
  heard: readonly Heard[],
  minutes: Minutes,
  { who, orderId, replyTo }: Asked,
  { run, broker }: { run: StyleRun; broker: Broker },
): Finding | undefined {
  const keys = [orderId]
  const offers = heard.filter(({ offer }) => offer?.orderId === orderId)
  const wanted = Object.keys(minutes).filter((courier) => minutes[courier]?.[orderId] !== undefined)
  const invented = offers.find(({ offer }) => minutes[offer.courier]?.[orderId] !== offer.minutes || offer.minutes === undefined)
  if (invented) {
    const headline = words("아무도 하지 않은 제안이 왔어요: {0}", "an offer came that nobody made: {0}", shown(invented.offer))
    return { kind: "PHANTOM", headline, keys }
  }
  for (const courier of wanted) {
    const own = offers.filter(({ offer }) => offer.courier === courier)
    const here = own.filter(({ channel }) => channel === replyTo)
    const parts = [courierNamed(courier), code(orderId), who, code(own[0]?.channel)]
    if (here.length === 1) continue
    if (here.length > 1) {
      const headline = words("{0:이/가} {1:을/를} 두 번 제안해요", "{0} makes its offer for {1} twice", ...parts)
      return { kind: "DUPLICATED", headline, keys }
    }
    const headline =
      own.length > 0
        ? words(
            "{0}의 {1} 제안이 엉뚱한 {3} 채널로 가서, {2:은/는} 받지 못해요",
            "the offer of {0} for {1} goes to the channel {3}, and {2}, which asked, does not get it",
            ...parts,
          )
        : words("{0}의 {1} 제안이 오지 않아요", "the offer of {0} for {1} never comes", ...parts)
    const heardOf = run.history.of("begun").some((step) => step.message === orderId && step.process === courierNamed(courier).en)
    const note = words("{0:은/는} {1:을/를} 들은 적도 없어요", "{0} never heard of {1}", ...parts)
    return missed(broker, { headline, keys, ...(!heardOf && { note }) })
  }
  return undefined
}
