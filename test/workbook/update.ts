/**
 * `npm run workbook:update` writes what is derived: the originals from exercises/, the chapters' blocks from the files and programs
 * that they name, the failure texts of the wrong answers. The gates compare; whoever runs this reads the difference.
 * `WAYSTATION_SECTIONS=3.2.1` limits it, and the gates, to a section.
 */
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { readChapter } from "#workbook/chapter.ts"
import { languages } from "#workbook/language.ts"
import { blockText, withBlocks } from "./support/blocks.ts"
import { failureText, filesUnder, patientRunner, root, shippedCatalogue, wrongAnswersTo } from "./support/gates.ts"

function updateOriginals(): void {
  for (const file of filesUnder("workbook/originals")) rmSync(join(root, "workbook/originals", file))
  for (const file of filesUnder("exercises").filter((path) => path.endsWith(".ts"))) {
    cpSync(join(root, "exercises", file), join(root, "workbook/originals", file))
  }
}

async function updateChapters(): Promise<void> {
  for (const language of languages) {
    for (const { chapter } of shippedCatalogue(language).sections) {
      const { source, blocks } = readChapter(join(root, chapter))
      const texts = await Promise.all(blocks.map(async (block) => [block, await blockText(root, block, language)] as const))
      write(chapter, withBlocks(source, texts))
    }
  }
}

async function updateFailureTexts(): Promise<void> {
  const answers = shippedCatalogue().exercises.flatMap(wrongAnswersTo)
  const runner = patientRunner()
  for (const language of languages) {
    const results = await runner.run(answers.map(({ job }) => ({ ...job, language })))
    for (const [index, result] of results.entries()) {
      const path = answers[index]?.path
      // A text is of a run that came to its end; what a busy machine has cut short says nothing about the answer.
      if (result.state !== "ran") throw new Error(`${path} has no text (${language}): ${JSON.stringify(result)}`)
      write(`${path}.${language}.txt`, failureText(result))
    }
  }
  await runner.stop()
}

function write(path: string, text: string): void {
  const before = readIfThere(path)
  if (before === text) return
  writeFileSync(join(root, path), text)
  console.log(path)
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(join(root, path), "utf8")
  } catch {
    return undefined
  }
}

updateOriginals()
await updateChapters()
await updateFailureTexts()
