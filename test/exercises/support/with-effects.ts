import type { Database, Transaction } from "better-sqlite3"

const commits = (sql: string) => /^\s*(commit|end)\b/i.test(sql)
const begins = (sql: string) => /^\s*(begin|savepoint|release|rollback|pragma)\b/i.test(sql)

/**
 * The connection, with an effect before and after whatever changes its file: a commit, a statement outside a transaction. To
 * crash inside a transaction is to crash before its commit.
 */
export function withEffects(database: Database, effect: () => void): Database {
  const between = <Result>(change: () => Result): Result => {
    effect()
    const result = change()
    effect()
    return result
  }
  const prepare = database.prepare.bind(database)
  const watchedPrepare = (sql: string) => {
    const statement = prepare(sql)
    if (!commits(sql) && (statement.readonly || begins(sql))) return statement
    for (const method of ["run", "get", "all"] as const) {
      const original = statement[method].bind(statement) as (...values: unknown[]) => unknown
      const watched = (...values: unknown[]) =>
        !commits(sql) && database.inTransaction ? original(...values) : between(() => original(...values))
      Object.defineProperty(statement, method, { value: watched })
    }
    return statement
  }
  const exec = database.exec.bind(database)
  const watchedExec = (sql: string) => (!commits(sql) && (database.inTransaction || begins(sql)) ? exec(sql) : between(() => exec(sql)))
  Object.defineProperty(database, "prepare", { value: watchedPrepare })
  Object.defineProperty(database, "exec", { value: watchedExec })
  Object.defineProperty(database, "transaction", { value: watchedTransaction(database, effect) })
  return database
}

type Work = (...values: unknown[]) => unknown

/** The driver commits what runs in `transaction()` by itself: the effects are at the end of the work, and behind it. */
function watchedTransaction(database: Database, effect: () => void): (work: Work) => Work {
  const transaction = database.transaction.bind(database) as (work: Work) => Transaction<Work>
  return (work) => {
    const variant = (kind: "default" | "deferred" | "immediate" | "exclusive") => {
      return (...values: unknown[]) => {
        if (database.inTransaction) return transaction(work)[kind](...values)
        const committing = (...given: unknown[]) => {
          const result = work(...given)
          // A promise is refused by the driver, before there is anything to commit.
          if (!(result instanceof Promise)) effect()
          return result
        }
        const result = transaction(committing)[kind](...values)
        effect()
        return result
      }
    }
    const kinds = { deferred: variant("deferred"), immediate: variant("immediate"), exclusive: variant("exclusive") }
    return Object.assign(variant("default"), kinds, { database })
  }
}
