import type { Broker } from "#waystation"
import { Refusal } from "../support/observe.ts"
import { type StyleRun, theKitchen } from "./services.ts"

/** The kitchen's broker on a disk that is full when the first answer is to be stored: that `send` rejects. */
export function fullOnce(run: StyleRun, broker: Broker): Broker {
  let isFull = true
  const refuse = (): Promise<never> => {
    isFull = false
    run.tell(theKitchen, "refused", {}, [
      "{0}의 디스크가 가득 차서 답을 보내는 `send`가 거부돼요",
      "the disk of {0} is full: the `send` of the answer rejects",
    ])
    const refused = Promise.reject(new Refusal("database or disk is full"))
    // Who does not wait for it does not hear of it, as with the broker's own promise.
    refused.catch(() => {})
    return refused
  }
  const replacing = <Target extends object>(target: Target, name: string, replace: (method: Method) => Method): Target =>
    new Proxy(target, {
      get(_, property) {
        const member: unknown = Reflect.get(target, property, target)
        if (typeof member !== "function") return member
        const method: Method = (...parts) => Reflect.apply(member, target, parts)
        return property === name ? replace(method) : method
      },
    })
  return replacing(broker, "queue", (open) => (...parts) => {
    return replacing(
      open(...parts) as object,
      "send",
      (send) =>
        (...message) =>
          isFull ? refuse() : send(...message),
    )
  })
}

type Method = (...parts: unknown[]) => unknown
