import { Hono } from "hono"
import { Todo } from "#workbook/todo.ts"

/** An instance as Eureka's clients send it; there is more in it, to be handed on as it came. */
export interface EurekaInstance {
  readonly app: string
  readonly instanceId: string
  readonly [more: string]: unknown
}

/** The registry of task 1, with Eureka's instances in it. */
export interface Registry {
  register(instance: EurekaInstance): void
  heartbeat(app: string, instanceId: string): boolean
  deregister(app: string, instanceId: string): boolean
  all(): EurekaInstance[]
}

/** The answer to "who is there?": {"applications":{"application":[{"name":…,"instance":[…]},…]}} */
export interface Applications {
  readonly applications: { readonly application: { readonly name: string; readonly instance: EurekaInstance[] }[] }
}

/** Task 3. The registry for Eureka's clients, over HTTP: POST, PUT and DELETE. */
export function eureka(registry: Registry): Hono {
  const app = new Hono()
  app.get("/eureka/v2/apps/", (context) => context.json(applications(registry.all())))
  throw new Todo(3)
}

/** Task 4. One entry for each application, with all of its instances. */
export function applications(instances: readonly EurekaInstance[]): Applications {
  throw new Todo(4)
}
