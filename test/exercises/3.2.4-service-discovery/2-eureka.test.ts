import { once } from "node:events"
import { Eureka } from "eureka-js-client"
import { test } from "vitest"
import { applications, type EurekaInstance, eureka } from "#work/3.2.4-service-discovery/2-eureka.ts"
import { listening } from "../support/http.ts"
import { code, words } from "../support/language.ts"
import { comes, Story } from "../support/story.ts"
import { Wrong } from "../support/wrong.ts"
import { LeasedInstances } from "./leased-instances.ts"

const leaseMs = 90_000

function instance(app: string, id: string): EurekaInstance {
  const dataCenterInfo = { "@class": "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo", name: "MyOwn" }
  const address = { hostName: "127.0.0.1", ipAddr: "127.0.0.1", port: { $: 8_080, "@enabled": true } }
  return { app, instanceId: id, ...address, vipAddress: app.toLowerCase(), status: "UP", dataCenterInfo, metadata: { zone: "seoul-1" } }
}

/** One request after the other, and what the registry knows after each. */
test("[3] POST registers, PUT renews, DELETE deregisters", async () => {
  const story = new Story()
  const registry = new LeasedInstances<EurekaInstance>(story.clock, leaseMs)
  await using server = await listening(eureka(registry).fetch)
  const kitchen = instance("KITCHEN", "kitchen-1")

  await asks("PUT", "KITCHEN/kitchen-1", 404)
  await asks("POST", "KITCHEN", 204, { instance: kitchen })
  const [registered] = registry.all()
  if (JSON.stringify(registered) !== JSON.stringify(kitchen)) {
    const headline = words("등록된 것이 보낸 것과 달라요", "what is registered is not what was sent")
    throw story.failure("WRONG", headline, words("등록된 것: {0}", "registered: {0}", JSON.stringify(registered) ?? "–"))
  }
  await story.clock.advance(60_000)
  await asks("PUT", "KITCHEN/kitchen-1", 200)
  await asks("PUT", "KITCHEN/kitchen-2", 404)
  await asks("PUT", "CARD/kitchen-1", 404)
  await story.clock.advance(60_000)
  if (registry.all().length === 0) {
    const headline = words("하트비트를 보냈는데 리스가 끝났어요", "there was a heartbeat, and the lease has run out all the same")
    throw story.failure("WRONG", headline)
  }
  await asks("DELETE", "KITCHEN/kitchen-2", 404)
  await asks("DELETE", "KITCHEN/kitchen-1", 200)
  if (registry.all().length > 0) {
    throw story.failure("PHANTOM", words("DELETE를 보냈는데 아직 등록되어 있어요", "it was deregistered by DELETE, and is still there"))
  }
  await asks("PUT", "KITCHEN/kitchen-1", 404)

  async function asks(method: string, path: string, expected: number, body?: unknown): Promise<void> {
    const request = { method, ...(body !== undefined && { body: JSON.stringify(body), headers: { "content-type": "application/json" } }) }
    const { status } = await fetch(`${server.url}/eureka/v2/apps/${path}`, request)
    story.tell("{0}의 답은 {1}", "{0} is answered by {1}", `${method} /eureka/v2/apps/${path}`, status)
    if (status === expected) return
    throw story.failure(
      "WRONG",
      words("답이 {0:이어야/여야} 하는데 {1:이에요/예요}", "the answer should be {0} and is {1}", expected, status),
    )
  }
})

test("[4] the list has one entry for each application", () => {
  const [one, two, card] = [instance("KITCHEN", "kitchen-1"), instance("KITCHEN", "kitchen-2"), instance("CARD", "card-1")]
  const kitchens = (...instances: EurekaInstance[]) => ({ name: "KITCHEN", instance: instances })
  const cards = { name: "CARD", instance: [card] }
  const cases: [EurekaInstance[], unknown[]][] = [
    [[], []],
    [[one], [kitchens(one)]],
    [[one, two], [kitchens(one, two)]],
    [
      [one, card, two],
      [kitchens(one, two), cards],
    ],
  ]
  for (const [instances, expected] of cases) {
    const answer = applications(instances)
    const sorted = [...(answer?.applications?.application ?? [])].sort((a, b) => b.name.localeCompare(a.name))
    if (JSON.stringify(sorted) === JSON.stringify(expected) && Array.isArray(answer.applications.application)) continue
    const names = instances.map(({ instanceId }) => instanceId).join(", ") || "[]"
    const short = (what: unknown) => JSON.stringify(what, (key, value) => (key === "instance" ? briefly(value) : value)) ?? "undefined"
    throw new Wrong(words("목록의 모양이 달라요", "the list has another form"), [
      words("인스턴스: {0}", "instances: {0}", names),
      words("applications()의 답: {0}", "applications() answers: {0}", short(answer)),
      words("기대한 답: {0}", "expected: {0}", short({ applications: { application: expected } })),
    ])
  }
})

/** An instance is long: its id will do. */
function briefly(value: unknown): unknown {
  return Array.isArray(value)
    ? value.map((one: EurekaInstance) => one?.instanceId ?? one)
    : ((value as EurekaInstance)?.instanceId ?? value)
}

test("[4] a real Eureka client registers, renews, is found, and comes back by itself", async () => {
  applications([])
  const story = new Story()
  const registry = new LeasedInstances<EurekaInstance>(story.clock, leaseMs)
  await using server = await listening(eureka(registry).fetch)
  const kitchen = new EurekaClient(story, server.url, { id: "kitchen-1", registers: true })
  const order = new EurekaClient(story, server.url, { id: "order-1", registers: false })

  await kitchen.does("start", words("kitchen-1이 등록해요", "kitchen-1 registers"))
  await order.does("start", words("order-1이 목록을 가져와요", "order-1 fetches the list"))
  order.expectToSee("kitchen-1")
  await story.clock.advance(60_000)
  await kitchen.beats("heartbeat")
  await story.clock.advance(60_000)
  await order.fetches()
  order.expectToSee("kitchen-1")
  // The registry takes it for dead, as after a long pause; its next heartbeat is answered by 404, and it registers anew.
  await story.clock.advance(90_001)
  await order.fetches()
  order.expectNotToSee("kitchen-1")
  await kitchen.beats("registered")
  await order.fetches()
  order.expectToSee("kitchen-1")
  await kitchen.does("stop", words("kitchen-1이 등록을 지워요", "kitchen-1 deregisters"))
  await order.fetches()
  order.expectNotToSee("kitchen-1")
  await order.does("stop", words("order-1이 끝나요", "order-1 ends"))
})

/** The client that people use with Eureka in Node.js; its heartbeats come when the test says so. */
class EurekaClient {
  readonly #story: Story
  readonly #id: string
  readonly #client: Eureka

  constructor(story: Story, url: string, { id, registers }: { id: string; registers: boolean }) {
    this.#story = story
    this.#id = id
    const app = id.replace(/-.*/, "")
    const address = { hostName: "127.0.0.1", ipAddr: "127.0.0.1", port: { $: 8_081, "@enabled": true } }
    const silent = () => {}
    this.#client = new Eureka({
      logger: { debug: silent, info: silent, warn: silent, error: silent },
      cwd: import.meta.dirname,
      eureka: {
        host: "127.0.0.1",
        port: Number(new URL(url).port),
        servicePath: "/eureka/v2/apps/",
        maxRetries: 0,
        registerWithEureka: registers,
      },
      instance: {
        app,
        instanceId: id,
        ...address,
        vipAddress: app,
        dataCenterInfo: { "@class": "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo", name: "MyOwn" },
      },
    })
  }

  async does(what: "start" | "stop", sentence: { ko: string; en: string }): Promise<void> {
    this.#story.tell(sentence.ko, sentence.en)
    await this.#asks((done) => this.#client[what](done))
    if (what === "start") {
      clearInterval(this.#client.heartbeat)
      clearInterval(this.#client.registryFetch)
    }
  }

  async fetches(): Promise<void> {
    this.#story.tell("{0:이/가} 목록을 가져와요", "{0} fetches the list", this.#id)
    await this.#asks((done) => this.#client.fetchRegistry(done))
  }

  /** Sends a heartbeat, upon which the client tells one of these. */
  async beats(expected: "heartbeat" | "registered"): Promise<void> {
    this.#story.tell("{0:이/가} 하트비트를 보내요", "{0} sends a heartbeat", this.#id)
    const seen = once(this.#client, expected)
    this.#client.renew()
    if (await comes(seen)) return
    const headline =
      expected === "heartbeat"
        ? words("{0}의 하트비트가 받아들여지지 않아요", "the heartbeat of {0} is not accepted", code(this.#id))
        : words(
            "레지스트리가 잊은 {0:이/가} 다시 등록하지 않아요",
            "{0}, which the registry has forgotten, does not register again",
            code(this.#id),
          )
    throw this.#story.failure(
      "WRONG",
      headline,
      words("클라이언트는 404를 받아야 다시 등록해요", "it is a 404 that makes the client register again"),
    )
  }

  expectToSee(id: string): void {
    if (this.#sees(id)) return
    throw this.#story.failure("WRONG", words("{0:이/가} {1:을/를} 찾지 못해요", "{0} does not find {1}", code(this.#id), code(id)))
  }

  expectNotToSee(id: string): void {
    if (!this.#sees(id)) return
    throw this.#story.failure(
      "PHANTOM",
      words("{0}에게는 이미 없는 {1:이/가} 보여요", "{0} sees {1}, which is not there any more", code(this.#id), code(id)),
    )
  }

  #sees(id: string): boolean {
    return this.#client.getInstancesByAppId(id.replace(/-.*/, "")).some((one) => one.instanceId === id)
  }

  async #asks(work: (done: (error?: Error | null) => void) => void): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    work((error) => (error ? reject(error) : resolve()))
    promise.catch(() => {})
    const answered = await comes(promise)
    const failed =
      answered &&
      (await promise.then(
        () => undefined,
        (error: Error) => error,
      ))
    if (answered && !failed) return
    const why = failed ? failed.message : words("답을 받지 못해요", "it gets no answer")
    throw this.#story.failure("WRONG", words("Eureka 클라이언트가 실패해요: {0}", "the Eureka client fails: {0}", why))
  }
}
