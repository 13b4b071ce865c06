/** What an exercise throws where task n is still to be written: the workbook shows "task n is waiting", never a stack. */
export class Todo extends Error {
  readonly task: number

  constructor(task: number) {
    super(`Task ${task} is waiting.`)
    this.name = "Todo"
    this.task = task
  }
}
