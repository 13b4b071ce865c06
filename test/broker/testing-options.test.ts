import { expect, test } from "vitest"
import { crashEverywhere, faulty, simulate, virtualClock } from "#waystation/testing"

/** What the type checker would have refused. */
const wrong = (value: unknown) => value as never
const scenario = { processes: { shop() {} } }
const publisher = { publish: async () => {} }

test("simulate() refuses what it cannot honour", async () => {
  await expect(simulate(wrong(undefined))).rejects.toThrow("The options of simulate() must be an object")
  await expect(simulate(wrong({ scenario }))).rejects.toThrow('Option "seed" of simulate() must be an integer: got undefined.')
  await expect(simulate({ seed: -1, scenario })).rejects.toThrow(RangeError)
  await expect(simulate(wrong({ seed: 1 }))).rejects.toThrow("processes")
  await expect(simulate(wrong({ seed: 1, scenario: { processes: { shop: 1 } } }))).rejects.toThrow('The process "shop"')
  await expect(simulate(wrong({ seed: 1, scenario: { ...scenario, untill: () => true } }))).rejects.toThrow('Unknown option "untill"')
  await expect(simulate(wrong({ seed: 1, scenario, faults: ["crash", "crush"] }))).rejects.toThrow('got "crush"')
  await expect(simulate(wrong({ seed: 1, scenario, language: "de" }))).rejects.toThrow('must be "en" or "ko"')
})

test("crashEverywhere() refuses what it cannot honour", async () => {
  await expect(crashEverywhere(wrong({}))).rejects.toThrow("The scenario of crashEverywhere() must be an object with run")
  await expect(crashEverywhere(wrong({ run() {}, recovery() {} }))).rejects.toThrow('Unknown option "recovery"')
  await expect(crashEverywhere({ run() {} }, wrong({ strikes: "crash" }))).rejects.toThrow('must be an array with some of "crash"')
})

test("faulty() and virtualClock() refuse what they cannot honour", () => {
  expect(() => faulty(wrong({}), {})).toThrow("The publisher of faulty()")
  expect(() => faulty(publisher, wrong({ refuse: 1 }))).toThrow("must be an array of the calls' numbers, from 1")
  expect(() => faulty(publisher, wrong({ refuses: [1] }))).toThrow('Unknown option "refuses"')
  expect(() => virtualClock({ now: 0.5 })).toThrow(RangeError)
  expect(() => virtualClock(wrong({ start: 1 }))).toThrow('Unknown option "start"')
})
