import { test } from "vitest"
import { type Broker, choose, meets, type Need } from "#work/3.3.4-message-brokers/3-choosing.ts"
import { code, type Words, words } from "../support/language.ts"
import { shown } from "../support/said.ts"
import { Wrong } from "../support/wrong.ts"
import { brokers, facts, needs, systems } from "./facts.ts"

/** The fact, and where it stands. */
function told(broker: Broker, need: Need): Words {
  const { why, source } = facts[broker][need]
  return words("{0}: {1} ({2})", "{0}: {1} ({2})", broker, why, source)
}

for (const broker of brokers) {
  test(`[7] what ${broker} can do`, () => {
    for (const need of needs) {
      const answer: unknown = meets(broker, need)
      if (answer === facts[broker][need].meets) continue
      const call = code(`meets("${broker}", "${need}")`)
      const headline = words("{0}의 결과가 {1:이에요/예요}", "{0} is {1}", call, shown(answer))
      throw new Wrong(headline, [], told(broker, need))
    }
  })
}

for (const system of systems) {
  test(`[8] a broker for ${system.name}`, () => {
    const { broker, against } = choose(system)
    const unmet = (one: Broker) => system.needs.filter((need) => !facts[one][need].meets)
    const steps = [
      words("{0}에 필요한 것: {1}", "{0} needs {1}", code(system.name), system.needs.map(code).join(", ")),
      words("고른 것: {0}", "chosen: {0}", shown(broker)),
    ]
    const fail = (headline: Words, note?: Words): never => {
      throw new Wrong(headline, steps, note)
    }
    if (!brokers.includes(broker)) fail(words("{0:은/는} 다섯 가운데 없어요", "{0} is none of the five", shown(broker)))
    const [missing] = unmet(broker)
    if (missing) {
      const headline = words("{0:은/는} {1} 요구를 채우지 못해요", "{0} does not meet {1}", broker, code(missing))
      fail(headline, told(broker, missing))
    }
    for (const other of brokers) {
      const reason = against[other]
      if (reason) steps.push(words("{0:을/를} 고르지 않은 까닭: {1}", "against {0}: {1}", other, shown(reason)))
      if (!reason && unmet(other).length > 0) {
        fail(words("{0:은/는} 왜 안 되나요?", "what speaks against {0}?", other), told(other, unmet(other)[0] as Need))
      }
      if (!reason || unmet(other).includes(reason)) continue
      if (!system.needs.includes(reason)) {
        fail(words("{0}: 이 시스템에 필요하지 않은 것이에요", "this system does not need {0}", shown(reason)))
      }
      fail(words("{0:은/는} {1} 요구를 채워요", "{0} does meet {1}", other, code(reason)), told(other, reason))
    }
  })
}
