import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { chmodSync, existsSync, globSync, mkdirSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { join } from "node:path"

/** A server of another broker, started for one run on a free port, with a directory that goes afterwards. */
export interface Server {
  readonly port: number
  readonly version: string
  stop(): Promise<void>
}

interface Recipe {
  /** What has to be installed. */
  needs: string
  /** Where the program may be. */
  programs: string[]
  version(program: string): string
  /** The oldest version that can do it. */
  versionMin?: [major: number, minor: number]
  start(place: { program: string; directory: string; port: number }): Promise<ChildProcess[]>
}

const startMsMax = 60_000

export const recipes: Record<string, Recipe> = {
  redis: redis("everysec"),
  "redis-synced": redis("always"),
  nats: { ...nats(), needs: "nats-server" },
  "nats-synced": { ...nats("jetstream { sync_interval: always }"), needs: "nats-server 2.10 or newer", versionMin: [2, 10] },
  rabbitmq: {
    needs: "rabbitmq-server",
    programs: ["/usr/lib/rabbitmq/bin/rabbitmq-server"],
    // Asking it would start an Erlang machine; the directory says it too.
    version: () => globSync("/usr/lib/rabbitmq/lib/rabbitmq_server-*")[0]?.split("-").at(-1) ?? "",
    start: startRabbit,
  },
  postgresql: {
    needs: "postgresql",
    programs: [...globSync("/usr/lib/postgresql/*/bin/postgres").reverse(), "/usr/local/bin/postgres"],
    version: (program) => printedVersion(program, /([\d.]+)/),
    start: startPostgres,
  },
}

function redis(appendfsync: "everysec" | "always"): Recipe {
  return {
    needs: "redis-server",
    programs: ["/usr/bin/redis-server", "/usr/local/bin/redis-server"],
    version: (program) => printedVersion(program, /v=([\d.]+)/),
    start: async ({ program, directory, port }) => {
      const options = ["--bind", "127.0.0.1", "--port", `${port}`, "--dir", directory, "--appendonly", "yes", "--appendfsync", appendfsync]
      return [await launch(program, [...options, "--save", ""], {}, /Ready to accept connections/)]
    },
  }
}

function nats(settings = ""): Omit<Recipe, "needs"> {
  return {
    programs: ["/usr/local/bin/nats-server", "/usr/sbin/nats-server", "/usr/bin/nats-server"],
    version: (program) => printedVersion(program, /v([\d.]+)/),
    start: async ({ program, directory, port }) => {
      const config = join(directory, "nats.conf")
      writeFileSync(config, settings)
      const options = ["--config", config, "--addr", "127.0.0.1", "--port", `${port}`, "--jetstream", "--store_dir", directory]
      return [await launch(program, options, {}, /Server is ready/)]
    },
  }
}

/** The server, running; `undefined` if it is not installed. */
export async function startServer(name: string, directory: string): Promise<Server | undefined> {
  const recipe = recipes[name] as Recipe
  const program = recipe.programs.find((path) => existsSync(path))
  if (!program || isOlder(recipe.version(program), recipe.versionMin)) return undefined
  const port = await freePort()
  mkdirSync(directory, { recursive: true })
  const children = await recipe.start({ program, directory, port })
  const stop = async () => {
    for (const child of children) {
      child.kill("SIGTERM")
      if (child.exitCode === null && child.signalCode === null) await new Promise((resolve) => child.once("exit", resolve))
    }
  }
  return { port, version: recipe.version(program), stop }
}

function isOlder(version: string, [majorMin, minorMin]: [number, number] = [0, 0]): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number)
  return major < majorMin || (major === majorMin && minor < minorMin)
}

function printedVersion(program: string, pattern: RegExp): string {
  return pattern.exec(execFileSync(program, ["--version"], { encoding: "utf8" }))?.[1] ?? ""
}

/** Resolves when the program has printed that it is ready. */
function launch(program: string, options: string[], extra: { env?: NodeJS.ProcessEnv; uid?: number; gid?: number }, ready: RegExp) {
  return new Promise<ChildProcess>((resolve, reject) => {
    const child = spawn(program, options, { ...extra, stdio: ["ignore", "pipe", "pipe"] })
    let output = ""
    const timer = setTimeout(() => fail("was not ready within a minute"), startMsMax)
    const fail = (what: string) => {
      clearTimeout(timer)
      child.kill("SIGKILL")
      reject(new Error(`${program} ${what}:\n${output.slice(-2_000)}`))
    }
    const look = (chunk: Buffer) => {
      output = (output + chunk).slice(-10_000)
      if (!ready.test(output)) return
      clearTimeout(timer)
      resolve(child)
    }
    child.stdout.on("data", look)
    child.stderr.on("data", look)
    child.once("error", (error) => fail(error.message))
    child.once("exit", (code) => fail(`ended with ${code}`))
  })
}

async function startRabbit({ program, directory, port }: { program: string; directory: string; port: number }): Promise<ChildProcess[]> {
  const [distributionPort, mapperPort] = [await freePort(), await freePort()]
  writeFileSync(join(directory, "enabled_plugins"), "[].\n")
  writeFileSync(join(directory, "rabbitmq.conf"), `listeners.tcp.default = 127.0.0.1:${port}\nloopback_users = none\n`)
  const env = {
    PATH: process.env.PATH,
    HOME: directory,
    ERL_EPMD_PORT: `${mapperPort}`,
    ERL_EPMD_ADDRESS: "127.0.0.1",
    RABBITMQ_NODENAME: `bench-${port}@localhost`,
    RABBITMQ_DIST_PORT: `${distributionPort}`,
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: "-kernel inet_dist_use_interface {127,0,0,1}",
    RABBITMQ_MNESIA_BASE: directory,
    RABBITMQ_LOG_BASE: directory,
    RABBITMQ_LOGS: "-",
    RABBITMQ_PID_FILE: join(directory, "pid"),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(directory, "enabled_plugins"),
    RABBITMQ_CONFIG_FILE: join(directory, "rabbitmq.conf"),
  }
  const mapper = spawn("epmd", ["-port", `${mapperPort}`, "-address", "127.0.0.1"], { env, stdio: "ignore" })
  try {
    return [await launch(program, [], { env }, /Server startup complete|Starting broker\.\.\. completed/), mapper]
  } catch (error) {
    mapper.kill()
    throw error
  }
}

async function startPostgres({ program, directory, port }: { program: string; directory: string; port: number }): Promise<ChildProcess[]> {
  // It refuses to run as root.
  const user = process.getuid?.() === 0 ? { uid: idOf("-u"), gid: idOf("-g") } : {}
  if (user.uid !== undefined) execFileSync("chown", ["postgres", directory])
  chmodSync(directory, 0o700)
  const data = join(directory, "data")
  const initialise = ["-D", data, "--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale"]
  execFileSync(join(program, "../initdb"), initialise, { ...user, cwd: directory, stdio: "ignore" })
  const options = ["-D", data, "-p", `${port}`, "-c", "listen_addresses=127.0.0.1", "-c", `unix_socket_directories=${directory}`]
  return [await launch(program, options, user, /ready to accept connections/)]
}

function idOf(option: "-u" | "-g"): number {
  return Number(execFileSync("id", [option, "postgres"], { encoding: "utf8" }))
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once("error", reject)
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
