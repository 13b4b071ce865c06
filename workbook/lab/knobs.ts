/** What can be turned in the laboratory, and the section that explains what one sees then. */
export const knobs = [
  { name: "add-producer", section: "3.3.1" },
  { name: "remove-producer", section: "3.3.1" },
  { name: "add-consumer", section: "3.3.5" },
  { name: "stop-consumer", section: "3.3.5" },
  { name: "kill-consumer", section: "3.3.5" },
  { name: "slow-consumer", section: "3.3.5" },
  { name: "send-twice", section: "3.3.6" },
  { name: "poison", section: "3.3.4" },
  { name: "redrive", section: "3.3.4" },
  { name: "more-partitions", section: "3.3.5" },
] as const

export type Knob = (typeof knobs)[number]["name"]

export function isKnob(value: unknown): value is Knob {
  return knobs.some((knob) => knob.name === value)
}
