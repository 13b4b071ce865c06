/** What the tests use of the package, which has no types of its own. */
declare module "eureka-js-client" {
  import type { EventEmitter } from "node:events"

  interface InstanceConfig {
    app: string
    instanceId: string
    hostName: string
    ipAddr: string
    port: { $: number; "@enabled": boolean }
    vipAddress: string
    dataCenterInfo: { "@class": string; name: "MyOwn" }
  }

  export class Eureka extends EventEmitter {
    constructor(config: {
      logger: Record<"debug" | "info" | "warn" | "error", (...what: unknown[]) => void>
      cwd: string
      eureka: Record<string, string | number | boolean>
      instance: InstanceConfig
    })
    start(done: (error?: Error | null) => void): void
    stop(done: (error?: Error | null) => void): void
    renew(): void
    fetchRegistry(done: (error?: Error | null) => void): void
    getInstancesByAppId(app: string): { instanceId: string; hostName: string; port: { $: number } }[]
    /** The timers of its heartbeats and of its list. */
    heartbeat: NodeJS.Timeout
    registryFetch: NodeJS.Timeout
  }
}
