import { join } from "node:path"

/** What every contestant offers, whatever it is made of. A message is an order; its key is the order's id. */
export interface Contestant {
  queue(): Promise<Channel>
  topic?(subscriptions: number): Promise<Channel>
  /** Messages of one key are handled one at a time, in the order sent. */
  partitioned?(partitions: number): Promise<Channel>
  close(): Promise<void>
}

export interface Channel {
  /** Resolves when the message is accepted, at the contestant's durability. */
  send(order: Order, key: string): Promise<unknown>
  /** Calls `handle` for each message (of each subscription), up to `handlers` at once, and acknowledges when it is done. */
  consume(handle: Handle, handlers: number): Promise<unknown>
  /** For a client that acknowledges without waiting: resolves when its server has seen every acknowledgement. */
  settled?(): Promise<unknown>
}

export type Handle = (order: Order) => Promise<void>

/** What a contestant is opened with: a directory of its own, and its server's port, if it needs one. */
export interface Place {
  directory: string
  port: number
}

/** Its file there; without a directory SQLite keeps everything in memory. */
export function fileIn({ directory }: Place, name: string): string {
  return directory === "" ? ":memory:" : join(directory, name)
}

export interface Order {
  order: string
  note: string
}

/** 200 bytes of JSON. */
export function orderOf(number: number, keys: number): Order {
  const order = `order-${String(number % keys).padStart(8, "0")}`
  return { order, note: "n".repeat(200 - JSON.stringify({ order, note: "" }).length) }
}
