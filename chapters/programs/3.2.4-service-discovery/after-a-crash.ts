import { virtualClock } from "#waystation/testing"
import { type Instance as Registered, Registry } from "../../../solutions/3.2.4-service-discovery/1-registry.ts"
import { Registration } from "../../../solutions/3.2.4-service-discovery/3-self-registration.ts"
import { Directory, RoundRobin } from "../../../solutions/3.2.4-service-discovery/4-client-side.ts"

// Three kitchens, each with a heartbeat every 30 s; the registry believes for 90 s; the order service asks for a new list every 30 s and sends
// an order to the next kitchen every 100 ms. After 100 s kitchen-2 is gone: once it has said goodbye, once it has not.
for (const how of ["kitchen-2 is shut down and deregisters", "kitchen-2 crashes"]) {
  const clock = virtualClock()
  const began = clock.now()
  const at = () => clock.now() - began
  const registry = new Registry(clock, 90_000)
  const remote = {
    register: async (instance: Registered) => registry.register(instance),
    heartbeat: async (service: string, id: string) => registry.heartbeat(service, id),
    deregister: async (service: string, id: string) => void registry.deregister(service, id),
  }
  let crashed = false
  const kitchens = [1, 2, 3].map((number) => {
    const instance = { service: "kitchen", id: `kitchen-${number}`, host: `10.0.0.${number}`, port: 8080 }
    // Whoever has crashed sends no heartbeat any more.
    const heartbeat = (service: string, id: string) =>
      number === 2 && crashed ? new Promise<never>(() => {}) : remote.heartbeat(service, id)
    return new Registration({ clock, registry: { ...remote, heartbeat }, instance, heartbeatMs: 30_000 })
  })
  for (const kitchen of kitchens) {
    kitchen.start()
    await clock.advance(7_000)
  }
  const list = async () => registry.instances("kitchen").map(({ id, host, port }) => ({ id, url: `http://${host}:${port}` }))
  const directory = new Directory({ clock, refreshMs: 30_000, ask: list })
  const robin = new RoundRobin()

  // #region orders
  let [orders, failed, lastFailure] = [0, 0, 0]
  while (at() < 300_000) {
    if (at() === 100_000) {
      if (how.endsWith("crashes")) crashed = true
      else await kitchens[1]?.stop()
    }
    const { id } = robin.next(await directory.instances())
    if (at() >= 100_000) {
      orders++
      if (id === "kitchen-2") [failed, lastFailure] = [failed + 1, at()]
    }
    await clock.advance(100)
  }
  // #endregion
  console.log(how)
  console.log(`  orders after that: ${orders.toLocaleString("en")}, sent to kitchen-2: ${failed.toLocaleString("en")}`)
  console.log(`  the last of them ${((lastFailure - 100_000) / 1_000).toFixed(1)} s after it was gone`)
}
