import { test } from "vitest"
import * as work from "#work/3.5-wrapping-up/3-whole-process.ts"
import * as reference from "../../../solutions/3.5-wrapping-up/3-whole-process.ts"
import { isDownForLong, neverComes, saysNo, stumbles, stumblesAtDeadline } from "./order-process.ts"
import { calm, disturbed } from "./simulated.ts"
import { type Start, stops, stopsAtWork } from "./stopping.ts"

const learnersOrderService = { ...reference, runOrderService: work.runOrderService }
const learnersValidators = { ...reference, runValidatingService: work.runValidatingService }

const startOrderService: Start = ({ surroundings, handler }) => work.runOrderService(surroundings, handler, handler)
const startKitchen: Start = ({ surroundings, handler }) => work.runValidatingService(surroundings, "kitchen", handler)

test("[6] an order is decided, whoever says no, comes late or never answers", async () => {
  await calm(learnersOrderService, saysNo("card"), stumbles("order"), isDownForLong("kitchen"), neverComes("card"), stumblesAtDeadline)
})

test("[6] also under crashes, pauses, repetitions and failing disks", async () => {
  await disturbed(learnersOrderService, 2)
})

test("[6] stop() lets what is committed go out, and nothing comes in any more", async () => {
  await stops("order", startOrderService)
  await stopsAtWork("order", startOrderService)
})

test("[7] each of the three holds, and confirms or releases", async () => {
  await calm(learnersValidators, saysNo("card"), stumbles("kitchen"), isDownForLong("kitchen"), neverComes("card"))
})

test("[7] also under crashes, pauses, repetitions and failing disks", async () => {
  await disturbed(learnersValidators, 2)
})

test("[7] stop() lets what is committed go out, and nothing comes in any more", async () => {
  await stops("kitchen", startKitchen)
  await stopsAtWork("kitchen", startKitchen)
})
