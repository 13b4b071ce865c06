import { expect, test } from "vitest"
import { words } from "../exercises/support/language.ts"

const subject = (name: string) => words("{0:이/가}", "{0}", name).ko
const towards = (name: string) => words("{0:으로/로}", "{0}", name).ko

test("a Korean particle goes by how the word before it ends when it is read aloud", () => {
  expect(["주방", "주문 서비스", "order-7", "order-2", "`order-10`"].map(subject)).toEqual([
    "주방이",
    "주문 서비스가",
    "order-7이",
    "order-2가",
    "`order-10`이",
  ])
  expect(["서울", "주방", "order-1", "order-3"].map(towards)).toEqual(["서울로", "주방으로", "order-1로", "order-3으로"])
})

test("an English word is read as a word, a single letter as a letter", () => {
  expect(["server", "`PENDING`", "token", "R", "service"].map(subject)).toEqual(["server가", "`PENDING`이", "token이", "R이", "service가"])
})
