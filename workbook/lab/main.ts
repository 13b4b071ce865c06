import { env, stderr, stdout } from "node:process"
import { systemLanguage } from "../language.ts"
import { Looker } from "../look/look-at.ts"
import { newDoor } from "../page/guard.ts"
import { listen } from "../page/server.ts"
import { wordsOf } from "../words/index.ts"
import { createLabApp } from "./app.ts"
import { Lab } from "./lab.ts"

const portDefault = 4350

try {
  const lab = new Lab()
  await lab.turn("add-producer")
  await lab.turn("add-consumer")
  await lab.turn("add-consumer")
  const door = newDoor()
  const server = await listen(createLabApp(lab, new Looker(lab.path), door), door, portDefault)
  const words = wordsOf[systemLanguage(env)]
  if (server.busyPorts.length > 0) stdout.write(`${words.portBusy(server.busyPorts.join(", "))}\n`)
  stdout.write(`${words.page(server.address)}\n`)
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, async () => {
      await Promise.all([server.stop(), lab.stop()])
      process.exit()
    })
  }
} catch (error) {
  stderr.write(`${(error as Error).message}\n`)
  process.exitCode = 1
}
