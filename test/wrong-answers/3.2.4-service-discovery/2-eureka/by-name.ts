// ko: 애플리케이션의 목록이 아니라, 이름을 키로 하는 객체를 준다
// en: Not a list of applications, but an object with their names as keys
// caught by: [4]
import { Hono } from "hono"

export interface EurekaInstance {
  readonly app: string
  readonly instanceId: string
  readonly [more: string]: unknown
}

export interface Registry {
  register(instance: EurekaInstance): void
  heartbeat(app: string, instanceId: string): boolean
  deregister(app: string, instanceId: string): boolean
  all(): EurekaInstance[]
}

export interface Applications {
  readonly applications: { readonly application: { readonly name: string; readonly instance: EurekaInstance[] }[] }
}

/** Task 3. The registry for Eureka's clients, over HTTP: POST, PUT and DELETE. */
export function eureka(registry: Registry): Hono {
  const app = new Hono()
  app.get("/eureka/v2/apps/", (context) => context.json(applications(registry.all())))
  app.post("/eureka/v2/apps/:app", async (context) => {
    const { instance } = await context.req.json<{ instance: EurekaInstance }>()
    registry.register(instance)
    return context.body(null, 204)
  })
  app.put("/eureka/v2/apps/:app/:id", (context) => {
    const { app, id } = context.req.param()
    return context.body(null, registry.heartbeat(app, id) ? 200 : 404)
  })
  app.delete("/eureka/v2/apps/:app/:id", (context) => {
    const { app, id } = context.req.param()
    return context.body(null, registry.deregister(app, id) ? 200 : 404)
  })
  return app
}

/** Task 4. One entry for each application, with all of its instances. */
export function applications(instances: readonly EurekaInstance[]): Applications {
  const byApp = Map.groupBy(instances, (instance) => instance.app)
  return { applications: Object.fromEntries(byApp) } as unknown as Applications
}
