import { once } from "node:events"
import { type AddressInfo, createServer, type Socket } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"

/** A port of this machine whose connections are handed on to a service, and counted: every byte, both ways, without TCP's own. */
export class CountedPort {
  readonly port: number
  readonly #sockets: Socket[]

  private constructor(port: number, sockets: Socket[]) {
    this.port = port
    this.#sockets = sockets
  }

  static async open(serve: (socket: Socket) => void): Promise<CountedPort> {
    const sockets: Socket[] = []
    const server = createServer({ noDelay: true }, (socket) => {
      sockets.push(socket)
      serve(socket)
    })
    server.listen(0, "127.0.0.1")
    await once(server, "listening")
    return new CountedPort((server.address() as AddressInfo).port, sockets)
  }

  /** The bytes of a call, and of what the connection still says after it. */
  async bytesOf(call: () => Promise<unknown>): Promise<number> {
    const before = this.#bytes
    await call()
    for (let quiet = 0, seen = -1; quiet < 3; quiet = this.#bytes === seen ? quiet + 1 : 0) {
      seen = this.#bytes
      await sleep(20)
    }
    return this.#bytes - before
  }

  /** The bytes of a call that is one of many: the one in the middle, because once a second the date in an answer is another. */
  async typicalBytesOf(calls: readonly (() => Promise<unknown>)[]): Promise<number> {
    const bytes: number[] = []
    for (const call of calls) {
      const before = this.#bytes
      await call()
      bytes.push(this.#bytes - before)
    }
    return bytes.sort((one, other) => one - other)[Math.floor(bytes.length / 2)] ?? 0
  }

  get #bytes(): number {
    return this.#sockets.reduce((sum, socket) => sum + socket.bytesRead + socket.bytesWritten, 0)
  }
}
