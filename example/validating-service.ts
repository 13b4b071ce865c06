/**
 * The consumer, kitchen or card service: `validating-service.ts DIRECTORY consumer|kitchen|card`. Hears of orders, holds what they
 * need, answers, and confirms or releases; until its input ends.
 */
import { once } from "node:events"
import { argv, stdin } from "node:process"
import { createInbox, createOutbox, type Message, openBroker } from "#waystation"
import { runValidatingService } from "../solutions/3.5-wrapping-up/3-whole-process.ts"
import { type By, checks } from "./domain.ts"
import { type OrderEvent, onEventOrCancellation } from "./messages.ts"
import { brokerFile, openReservations } from "./schema.ts"

const [, , directory = ".", name = "kitchen"] = argv
const by = name as By
const broker = openBroker(brokerFile(directory))
const database = openReservations(directory, by)
const validating = { by, check: checks[by], database, inbox: createInbox(database), outbox: createOutbox(database) }
broker.events.on("failed", ({ operation, error }) => console.error(`${by} service, ${operation}:`, error))

const service = runValidatingService({ broker, database }, by, (message: Message<OrderEvent>) => onEventOrCancellation(validating, message))

stdin.resume()
await once(stdin, "end")
await service.stop()
await broker.close()
database.close()
