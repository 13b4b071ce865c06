import { type Entry, field, type Goal } from "./field.ts"
import { type LoadResult, medianOf, outcomeOf, type Results } from "./results.ts"

/** One load as a table: a line for each contestant, its durability at the end. */
export function tableOf(result: LoadResult): string {
  const contestants = Object.keys(field).filter((name) => (result.rounds[name] ?? []).length > 0)
  const figures = [...new Set(contestants.flatMap((name) => Object.keys(result.rounds[name]?.[0] ?? {})))]
  const rows = contestants.map((name) => [
    (field[name] as Entry).title,
    ...figures.map((figure) => shown(medianOf(result, name, figure))),
    (field[name] as Entry).durability,
  ])
  const rounds = Math.max(...Object.values(result.rounds).map((values) => values.length))
  const title = `${result.title} (median of ${rounds} round${rounds > 1 ? "s" : ""})`
  return `\n${title}\n${aligned([["", ...figures, "durability"], ...rows])}`
}

export function goalsTable(goals: readonly Goal[], results: Results): string {
  const outcomes = goals.filter((goal) => results.loads[goal.load]).map((goal) => outcomeOf(goal, results))
  const rows = outcomes.map(({ load, figure, against, least, most, value, met }) => [
    load,
    against ? `${figure} against ${against.title}` : figure,
    least === undefined ? `at most ${most}` : `at least ${least}`,
    value === undefined ? "left out" : shown(value),
    met === undefined ? "" : met ? "met" : "MISSED",
  ])
  return `\nGoals\n${aligned([["load", "figure", "goal", "found", ""], ...rows])}`
}

/** Everything that has been measured, for the repository. */
export function documentOf(goals: readonly Goal[], results: Results): string {
  const { machine, versions, loads } = results
  const servers = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  const tables = Object.values(loads).map((load) => `${tableOf(load)}\n(${load.begunAt.slice(0, 16)}Z, at commit ${load.commit})`)
  return `# Measured

Written by \`npm run bench\` (\`npm run bench -- --help\`): everyone in turns on one machine, each run in a process of its own. Figures are
medians over the rounds, ratios are medians of the ratios within a round.

${machine.processor}, ${machine.cores} cores, ${machine.system}, Node ${machine.node}; one sync of the disk takes ${machine.syncMs.toFixed(2)} ms. ${servers.join(", ")}.

\`\`\`text
${[...tables, goalsTable(goals, results)].join("\n").trim()}
\`\`\`
`
}

export function shown(value: number | undefined): string {
  if (value === undefined) return "–"
  if (value >= 100) return Math.round(value).toLocaleString("en")
  return value.toFixed(value >= 10 ? 1 : 2)
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const isNumber = (text: string) => /^[\d.,–]+$/.test(text)
  return rows
    .map((row, line) =>
      row
        .map((cell, column) => {
          const width = widths[column] ?? 0
          const right = line === 0 ? isNumber(rows[1]?.[column] ?? "") : isNumber(cell)
          return right ? cell.padStart(width) : cell.padEnd(width)
        })
        .join("  ")
        .trimEnd(),
    )
    .join("\n")
}
