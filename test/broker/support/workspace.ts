import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Broker, type BrokerOptions, openBroker } from "#waystation"

/** A directory of its own for one test; the brokers opened in it are closed, and it is removed, when the test ends. */
export class Workspace {
  readonly directory: string = mkdtempSync(join(tmpdir(), "waystation-test-"))
  readonly #brokers: Broker[] = []

  /** A path in the directory. */
  path(name = "broker.db"): string {
    return join(this.directory, name)
  }

  /** Opens the broker's file: each call another connection to the same file. */
  open(options?: BrokerOptions, name?: string): Broker {
    return this.closeLater(openBroker(this.path(name), options))
  }

  closeLater(broker: Broker): Broker {
    this.#brokers.push(broker)
    return broker
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // A handler that a failed test left waiting must not hold up the others.
    await Promise.allSettled(this.#brokers.map((broker) => broker.close({ graceMs: 0 })))
    rmSync(this.directory, { recursive: true, force: true })
  }
}

/** `await using here = workspace()` at the head of a test. */
export function workspace(): Workspace {
  return new Workspace()
}
