import { once } from "node:events"
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net"
import { afterEach, test } from "vitest"
import { type Endpoint, endpointsOf, type Pod, virtualAddress } from "#work/3.2.4-service-discovery/5-platform.ts"
import { explore } from "../support/explore.ts"
import { closedAddress } from "../support/http.ts"
import { words } from "../support/language.ts"
import { complaint } from "../support/said.ts"
import { comes, Story } from "../support/story.ts"
import { Wrong } from "../support/wrong.ts"

const kitchen = { app: "kitchen", env: "prod" }

function pod(host: string, labels: Record<string, string>, state: "ready" | "starting" | "ending" = "ready"): Pod {
  return { host, labels, ready: state !== "starting", terminating: state === "ending" }
}

test("[10] the endpoints are the ready pods that have all labels of the selector", async () => {
  const small = [
    { selector: kitchen, pods: [pod("10.1.0.1", kitchen)], expected: ["10.1.0.1"] },
    { selector: kitchen, pods: [pod("10.1.0.1", { ...kitchen, version: "2" })], expected: ["10.1.0.1"] },
    { selector: kitchen, pods: [pod("10.1.0.1", { app: "card", env: "prod" })], expected: [] },
    { selector: kitchen, pods: [pod("10.1.0.1", { app: "kitchen", env: "test" })], expected: [] },
    { selector: kitchen, pods: [pod("10.1.0.1", { app: "kitchen" })], expected: [] },
    { selector: kitchen, pods: [pod("10.1.0.1", kitchen, "starting")], expected: [] },
    { selector: kitchen, pods: [pod("10.1.0.1", kitchen, "ending")], expected: [] },
    { selector: {}, pods: [pod("10.1.0.1", kitchen)], expected: [] },
    {
      selector: { app: "kitchen" },
      pods: [pod("10.1.0.1", kitchen), pod("10.1.0.2", kitchen, "starting"), pod("10.1.0.3", { app: "card" }), pod("10.1.0.4", kitchen)],
      expected: ["10.1.0.1", "10.1.0.4"],
    },
  ]
  await explore({ small }, async ({ selector, pods, expected }) => {
    const endpoints = endpointsOf({ selector, targetPort: 8_080 }, pods)
    const addresses = (list: readonly Endpoint[]) => list.map(({ host, port }) => `${host}:${port}`).sort()
    const wanted = expected.map((host) => `${host}:8080`)
    if (addresses(endpoints).join() === wanted.join()) return
    const shown = (list: readonly string[]) => list.join(", ") || "[]"
    throw new Wrong(
      words("엔드포인트가 달라요", "these are not the endpoints"),
      [
        words("셀렉터: {0}", "selector: {0}", JSON.stringify(selector)),
        ...pods.map(({ host, labels, ready, terminating }) =>
          words("파드 {0}: {1}", "pod {0}: {1}", host, `${JSON.stringify(labels)} ready=${ready} terminating=${terminating}`),
        ),
        words("endpointsOf()의 답: {0}", "endpointsOf() answers: {0}", shown(addresses(endpoints))),
      ],
      words("기대한 답: {0}", "expected: {0}", shown(wanted)),
    )
  })
})

const open = new Set<Server | Socket>()

afterEach(() => {
  for (const one of open) "destroy" in one ? one.destroy() : one.close()
  open.clear()
})

/** A pod that answers each line by its name and the line. */
async function listeningPod(name: string): Promise<Endpoint> {
  const server = createServer((socket) => {
    open.add(socket)
    socket.on("error", () => {})
    socket.setEncoding("utf8").on("data", (line) => socket.write(`${name}: ${line}`))
  })
  return { host: "127.0.0.1", port: await listens(server) }
}

async function listens(server: Server): Promise<number> {
  open.add(server)
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  return (server.address() as AddressInfo).port
}

/** Says something on a connection of its own, and gets the first answer; `undefined` if the connection was closed. */
async function ask(port: number, line: string, socket: Socket = connect(port, "127.0.0.1")): Promise<string | undefined> {
  open.add(socket)
  socket.on("error", () => {})
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  socket.setEncoding("utf8").once("data", (answer) => resolve(String(answer)))
  socket.once("close", () => resolve(undefined))
  socket.write(line)
  return (await comes(promise)) ? promise : "–"
}

test("[11] what is sent to the address reaches a pod, and its answer comes back", async () => {
  const story = new Story()
  const pods = [await listeningPod("pod-1")]
  const port = await listens(virtualAddress(() => pods))
  const client = connect(port, "127.0.0.1")
  for (const order of ["order-7", "order-8"]) {
    const answer = await ask(port, order, client)
    const told = answer ?? words("없고 연결이 닫혀요", "none: the connection is closed")
    story.tell("{0:을/를} 보내요. 답은 {1}", "{0} is sent, the answer is {1}", order, told)
    if (answer === `pod-1: ${order}`) continue
    throw story.failure("WRONG", words("답이 pod-1: {0:이어야/여야} 해요", "the answer should be pod-1: {0}", order))
  }
})

test("[11] the connections go to the endpoints of now, in turn", async () => {
  const story = new Story()
  const all = [await listeningPod("pod-1"), await listeningPod("pod-2"), await listeningPod("pod-3")]
  let now: readonly Endpoint[] = all.slice(0, 2)
  const port = await listens(virtualAddress(() => now))
  for (const [names, endpoints] of [
    [["pod-1", "pod-2"], all.slice(0, 2)],
    [["pod-2", "pod-3"], all.slice(1)],
    [["pod-3"], all.slice(2)],
  ] as const) {
    now = endpoints
    story.tell("엔드포인트: {0}", "endpoints: {0}", names.join(", "))
    const reached: string[] = []
    for (let connection = 0; connection < names.length * 2; connection++) {
      const answer = await ask(port, "order-7")
      const name = answer?.replace(/:.*/, "") ?? "–"
      reached.push(name)
      story.tell("연결 하나가 {0:으로/로} 가요", "a connection goes to {0}", name)
      if (!(names as readonly string[]).includes(name)) {
        throw story.failure("WRONG", words("{0:은/는} 지금의 엔드포인트가 아니에요", "{0} is not one of the endpoints of now", name))
      }
    }
    const idle = names.find((name) => reached.filter((one) => one === name).length !== 2)
    if (!idle) continue
    throw story.failure("WRONG", words("{0}에 연결이 고르게 가지 않아요", "{0} does not get its share of the connections", idle))
  }
})

test("[11] without an endpoint, or with one that is gone, the connection is closed and the address stays", async () => {
  const story = new Story()
  const pods = [await listeningPod("pod-1")]
  let now: readonly Endpoint[] = []
  const port = await listens(virtualAddress(() => now))
  // Last: a port that was given back could be given to another.
  const gone = { host: "127.0.0.1", port: Number(new URL(await closedAddress()).port) }
  const uncaught = await catching(async () => {
    for (const [what, endpoints] of [
      [words("없음", "none"), []],
      [words("사라진 파드 하나", "one that is gone"), [gone]],
    ] as const) {
      now = endpoints
      story.tell("엔드포인트: {0}", "endpoints: {0}", what)
      const answer = await ask(port, "order-7")
      if (answer !== undefined)
        throw story.failure("STUCK", words("연결이 닫히지 않아서 호출한 쪽이 기다려요", "the connection is not closed: its caller waits"))
      story.tell("연결이 닫혀요", "the connection is closed")
    }
    now = pods
    story.tell("엔드포인트: pod-1", "endpoints: pod-1")
    const answer = await ask(port, "order-7")
    if (answer === "pod-1: order-7") return
    throw story.failure("WRONG", words("pod-1이 있는데 그리로 가지 않아요", "pod-1 is there, and the connection does not go to it"))
  })
  if (!uncaught) return
  const headline = words(
    "연결 하나 때문에 프로세스 전체가 죽어요: {0}",
    "the whole process dies of one connection: {0}",
    complaint(uncaught).replace(/:\d+$/, ""),
  )
  const unheard = words("소켓의 'error' 이벤트를 아무도 듣지 않아요", "nobody listens to a socket's 'error' event")
  throw story.failure("WRONG", headline, uncaught instanceof Error && "syscall" in uncaught ? unheard : undefined)
})

/** What nobody catches would end the process of the test, too. */
async function catching(work: () => Promise<void>): Promise<unknown> {
  const others = process.listeners("uncaughtException")
  let uncaught: unknown
  process.removeAllListeners("uncaughtException")
  process.on("uncaughtException", (error) => {
    uncaught ??= error
  })
  try {
    await work()
  } catch (error) {
    if (!uncaught) throw error
  } finally {
    process.removeAllListeners("uncaughtException")
    for (const listener of others) process.on("uncaughtException", listener)
  }
  return uncaught
}
