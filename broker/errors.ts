/**
 * A condition that a caller may want to catch. Misuse is a `TypeError` or `RangeError` instead: it wants
 * mending, not catching. `code` is stable; the message is for people.
 */
export class BrokerError extends Error {
  readonly code: string

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
    this.code = code
  }
}

/** The lease ended and the message may be with another consumer by now. Nothing was changed. */
export class LeaseLostError extends BrokerError {
  constructor(messageId: string, attempt: number) {
    super(
      "LEASE_LOST",
      `The lease on message "${messageId}" (attempt ${attempt}) is no longer held: it ended, or the message was settled. Nothing was changed.`,
    )
  }
}

/** No reply came within the time that the request allowed. The request may still be handled, its reply is dropped. */
export class ReplyTimeoutError extends BrokerError {
  constructor(channel: string, requestId: string, timeoutMs: number) {
    super("REPLY_TIMEOUT", `No reply to request "${requestId}" on channel "${channel}" came within ${timeoutMs} ms.`)
  }
}

/** The broker was closed; nothing was sent or changed. */
export class BrokerClosedError extends BrokerError {
  constructor() {
    super("BROKER_CLOSED", "This broker is closed: open it again before using its channels.")
  }
}
