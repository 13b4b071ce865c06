import { setTimeout as sleep } from "node:timers/promises"
import { type CustomerRequest, Customers } from "./customers.ts"
import type { By } from "./domain.ts"
import type { CustomerOrder } from "./orders-file.ts"
import { type Progress, State, type Step } from "./progress.ts"
import { ServiceProcess } from "./service-process.ts"

export interface Run {
  readonly orders: readonly CustomerOrder[]
  readonly directory: string
  /** Ends the run wherever it is, with the signal's reason as its error. */
  readonly signal: AbortSignal
  readonly show: (progress: Progress, step?: Step) => void
  /** Called when a customer was told that this order is placed. */
  readonly placed: (orderId: string) => void
  /** Told when a service ends that nobody killed. */
  readonly died: (file: string, how: string) => void
}

const lookEveryMs = 5

/** Four services, and customers who order. Each service is killed in the middle of its work. */
export async function run({ orders, directory, signal, show, placed, died }: Run): Promise<void> {
  await using state = new State(directory)
  const validating = (by: By) => new ServiceProcess("validating-service.ts", [directory, by], { died })
  const [consumer, kitchen, card] = [validating("consumer"), validating("kitchen"), validating("card")]
  const orderService = new ServiceProcess("order-service.ts", [directory], { died, heard: (line) => customers.hear(line) })
  const services = [consumer, kitchen, card, orderService]
  const customers = new Customers({ ask: (line) => orderService.tell(line), placed })
  const until = async (isReached: (progress: Progress) => boolean): Promise<Progress> => {
    while (true) {
      signal.throwIfAborted()
      const progress = state.progress()
      show(progress)
      if (isReached(progress)) return progress
      await sleep(lookEveryMs)
    }
  }
  const restart = async (service: ServiceProcess, step: Step) => {
    await service.kill()
    show(state.progress(), step)
    service.start()
  }

  try {
    const half = Math.ceil(orders.length / 2)
    for (const service of services) service.start()
    customers.come(orders.slice(0, half).flatMap(requestsOf))
    await until(({ placed, decided }) => placed >= half / 2 && decided > 0)
    await kitchen.kill()
    const killed = state.progress()
    show(killed, "kitchen killed")

    await until(({ placed }) => placed >= (half * 3) / 4)
    await restart(consumer, "consumer killed")

    // The customers are answered as before: nobody waits for the kitchen.
    show(await until(({ placed }) => placed === half), "kitchen back")
    kitchen.start()

    // An order that was placed without a kitchen is decided: this one is at work.
    await until(({ decided }) => decided > killed.placed || decided === half)
    customers.come(orders.slice(half).flatMap(requestsOf))
    await until(({ placed }) => placed >= (half * 3 + orders.length) / 4)
    await restart(card, "card killed")
    await until(({ placed }) => placed >= (half + orders.length) / 2)
    await restart(orderService, "order service killed")
    customers.askAgain()

    // What customers do is announced, and what becomes of each order.
    const events = orders.flatMap(requestsOf).length + orders.length
    await until(({ decided }) => decided === orders.length && customers.allAnswered && state.isAllHandled(events))
    await Promise.race([Promise.all(services.map((service) => service.stop())), aborted(signal)])
  } finally {
    await Promise.all(services.map((service) => service.kill()))
  }
}

function requestsOf({ cancel, customer, ...rest }: CustomerOrder): CustomerRequest[] {
  const order = { ...rest, consumerId: customer }
  return cancel
    ? [
        { kind: "place", order },
        { kind: "cancel", orderId: order.id },
      ]
    : [{ kind: "place", order }]
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)))
}
