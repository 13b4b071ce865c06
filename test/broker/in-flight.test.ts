import fc from "fast-check"
import { expect, test } from "vitest"
import { InFlight } from "../../broker/in-flight.ts"

test("holds what was added and not yet deleted, in whatever order that happens", () => {
  const items = Array.from({ length: 8 }, (_, number) => ({ number, place: 0 }))
  const steps = fc.array(fc.record({ item: fc.constantFrom(...items), adds: fc.boolean() }), { maxLength: 100 })
  fc.assert(
    fc.property(steps, (taken) => {
      const inFlight = new InFlight<(typeof items)[number]>()
      const model = new Set<(typeof items)[number]>()
      for (const { item, adds } of taken) {
        if (!adds) {
          inFlight.delete(item)
          model.delete(item)
        } else if (!model.has(item)) {
          inFlight.add(item)
          model.add(item)
        }
        expect(inFlight.size).toBe(model.size)
        expect(new Set(inFlight.filter(() => true))).toEqual(model)
      }
      expect(inFlight.filter(({ number }) => number < 4)).toHaveLength([...model].filter(({ number }) => number < 4).length)
    }),
  )
})
