// ko: 등록에 204가 아니라 201로 답해서, 클라이언트는 실패로 여긴다
// en: A registration is answered by 201 and not by 204, which the client takes for a failure
// caught by: [3] [4]
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
    return context.body(null, 201)
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
  return { applications: { application: [...byApp].map(([name, instance]) => ({ name, instance })) } }
}
