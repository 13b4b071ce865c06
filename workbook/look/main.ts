import { basename, resolve } from "node:path"
import { argv, env, stderr, stdout } from "node:process"
import { parseArgs } from "node:util"
import { systemLanguage } from "../language.ts"
import { newDoor } from "../page/guard.ts"
import { listen } from "../page/server.ts"
import { wordsOf } from "../words/index.ts"
import { createLookApp } from "./app.ts"
import { Looker } from "./look-at.ts"

const portDefault = 4340
const words = wordsOf[systemLanguage(env)]

const usage = {
  en: "Usage: npm run look -- FILE\n\nShows a broker's file live on a page: depth, lag, dead letters, backlog, members and generations. It only reads.\n",
  ko: "사용법: npm run look -- FILE\n\n브로커 파일을 페이지에서 실시간으로 보여 줘요: 깊이, 랙, 데드 레터, 백로그, 멤버와 세대. 읽기만 해요.\n",
}[systemLanguage(env)]

try {
  await start(argv.slice(2))
} catch (error) {
  stderr.write(`${(error as Error).message}\n`)
  process.exitCode = 1
}

async function start(values: readonly string[]): Promise<void> {
  const { positionals, values: options } = parseArgs({ args: [...values], allowPositionals: true, options: { help: { type: "boolean" } } })
  const [file, ...more] = positionals
  if (options.help) {
    stdout.write(usage)
    return
  }
  if (!file || more.length > 0) throw new Error(usage)
  const path = resolve(file)
  const looker = openLooker(path)
  const door = newDoor()
  const app = createLookApp({ door, title: basename(path), kind: "look", look: () => looker.look() })
  const { address, busyPorts } = await listen(app, door, portDefault)
  if (busyPorts.length > 0) stdout.write(`${words.portBusy(busyPorts.join(", "))}\n`)
  stdout.write(`${words.page(address)}\n`)
}

function openLooker(path: string): Looker {
  try {
    const looker = new Looker(path)
    looker.look()
    return looker
  } catch (error) {
    throw new Error(`${path}: ${(error as Error).message}`, { cause: error })
  }
}
