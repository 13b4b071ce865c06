import type { Broker } from "#waystation"
import type { Finding } from "../support/anomaly.ts"
import type { Step } from "../support/history.ts"
import { code, type Words, words } from "../support/language.ts"
import type { Process } from "../support/process.ts"
import { cancelled, changed, created } from "./acts.ts"
import { KitchenRun, kitchenNamed, named, type OrderEvent, orderService } from "./kitchens.ts"

export type Commit = (
  broker: Broker,
  claim: { shard: number; member: string; generation: number; position: number },
  effect: () => void,
) => boolean

const shardCount = 4

/** A run with four shards, order 1's events in shard 0 and so on, and the table that says whose they are. */
export class GroupRun extends KitchenRun {
  readonly log: readonly (readonly OrderEvent[])[]
  readonly members: GroupMember[] = []
  /** The broker of the coordinator, whose process does not crash. */
  readonly broker: Broker
  readonly #commit: Commit
  /** Two members at work on one shard. */
  overlap: Finding | undefined
  /** A shard given to the member that was at work on it. */
  needless: Finding | undefined
  /** An accepted commit after which the position is not that of the next event. */
  misplaced: Finding | undefined
  /** A late commit that says that it was accepted. */
  untrue: Finding | undefined

  constructor(commit: Commit) {
    super({ ms: {} })
    this.#commit = commit
    this.log = Array.from({ length: shardCount }, (_, shard) => [created(shard + 1), changed(shard + 1), cancelled(shard + 1)])
    this.broker = this.process(orderService).broker
    this.broker.queue("tickets")
    this.broker.database.exec(
      "CREATE TABLE shard (number INTEGER PRIMARY KEY, owner TEXT, generation INTEGER NOT NULL, position INTEGER NOT NULL) STRICT",
    )
    for (let shard = 0; shard < shardCount; shard++) this.broker.database.prepare("INSERT INTO shard VALUES (?, NULL, 0, 0)").run(shard)
  }

  /** Every event of the log, shard by shard. */
  get events(): OrderEvent[] {
    return this.log.flat()
  }

  /** A member in a process of its own. `again`: a kitchen of this name was there before. */
  member(name: string, again = false): GroupMember {
    const who = again ? words("다시 시작한 주방 {0}", "kitchen {0}, restarted,", name) : kitchenNamed(name)
    const process = this.process(who)
    process.broker.queue("tickets")
    const member = new GroupMember(this, { name, who, process, commit: this.#commit })
    this.members.push(member)
    return member
  }

  // What the learner's code gets as `group`: bound, because it may take the functions out of it.
  readonly table = {
    owners: (): (string | undefined)[] => {
      const rows = this.broker.database.prepare<[], { owner: string | null }>("SELECT owner FROM shard ORDER BY number").all()
      return rows.map((row) => row.owner ?? undefined)
    },
    give: (shard: number, owner: string): number => {
      const kept = this.table.owners()[shard] === owner && this.members.some((member) => member.name === owner && member.process.alive)
      const update = "UPDATE shard SET owner = ?, generation = generation + 1 WHERE number = ? RETURNING generation"
      const generation = this.broker.database.prepare<[string, number], { generation: number }>(update).get(owner, shard)?.generation ?? 0
      const told = words(
        "{0}번 샤드의 주인을 {1:으로/로} 적어요 ({2}세대)",
        "shard {0} is given to {1} (generation {2})",
        shard,
        kitchenNamed(owner),
        generation,
      )
      const about = { partition: shard, generation, words: told, ...this.keyOf(shard) }
      const until = this.history.add({ process: "coordinator", event: "given", ...about })
      if (kept) this.needless ??= givenForNothing(shard, owner, until)
      return generation
    },
  }

  position(shard: number): number {
    return positionIn(this.broker, shard)
  }

  generation(shard: number): number {
    const row = this.broker.database.prepare<[number], { generation: number }>("SELECT generation FROM shard WHERE number = ?").get(shard)
    return row?.generation ?? 0
  }

  /** The tickets that were sent, as they stand in the queue. */
  tickets(): OrderEvent[] {
    return this.broker
      .queue<OrderEvent>("tickets")
      .receive({ max: 1_000 })
      .map((ticket) => ticket.body)
  }

  keyOf(shard: number): { key?: string } {
    const first = this.log[shard]?.[0]
    return first ? { key: first.orderId } : {}
  }
}

function givenForNothing(shard: number, owner: string, until: Step): Finding {
  const headline = words(
    "{0}번 샤드의 주인은 그대로 {1}인데, 괜히 다시 주느라 일이 멈춰요",
    "shard {0} stays with {1} and is given again for nothing: it stands still meanwhile",
    shard,
    kitchenNamed(owner),
  )
  return { kind: "STUCK", headline, keys: [until.key], until }
}

function positionIn({ database }: Broker, shard: number): number {
  return database.prepare<[number], { position: number }>("SELECT position FROM shard WHERE number = ?").get(shard)?.position ?? 0
}

/** A kitchen that works through the shards it was given, event by event. */
export class GroupMember {
  readonly name: string
  readonly who: Words
  readonly process: Process
  readonly #run: GroupRun
  readonly #commit: Commit
  readonly #work = new Map<number, { releasing: boolean; ended: Promise<void> }>()
  #stillUntil = 0
  #meanwhile: { transactionsLeft: number; happens: () => void } | undefined

  constructor(run: GroupRun, { name, who, process, commit }: { name: string; who: Words; process: Process; commit: Commit }) {
    this.name = name
    this.who = who
    this.process = process
    this.#run = run
    this.#commit = commit
  }

  worksOn(shard: number): boolean {
    return this.process.alive && this.#work.has(shard)
  }

  readonly start = (shard: number, generation: number): void => {
    const told = words("{0:이/가} {1}번 샤드에서 일을 시작해요", "{0} starts on shard {1}", this.who, shard)
    const until = this.#tell("started", shard, { words: told })
    const other = this.#run.members.find((member) => member !== this && member.worksOn(shard))
    if (other) {
      const headline = words(
        "{0:과/와} {1:이/가} 동시에 {2}번 샤드에서 일해요",
        "{0} and {1} both work on shard {2}",
        other.who,
        this.who,
        shard,
      )
      this.#run.overlap ??= { kind: "DUPLICATED", headline, keys: [until.key], until }
    }
    const work = { releasing: false, ended: Promise.resolve() }
    this.#work.set(shard, work)
    work.ended = this.#loop(shard, generation, work).catch((error) => void (this.process.alive && this.#run.noteError(error)))
  }

  readonly release = async (shard: number): Promise<void> => {
    const work = this.#work.get(shard)
    if (!work) return
    this.#tell("releasing", shard, {
      words: words("{0}에 {1}번 샤드를 놓으라고 해요", "{0} is asked to release shard {1}", this.who, shard),
    })
    work.releasing = true
    await Promise.race([work.ended, this.process.crashed])
    if (!this.process.alive) return
    this.#work.delete(shard)
    this.#tell("released", shard, { words: words("{0:이/가} {1}번 샤드를 놓아요", "{0} has released shard {1}", this.who, shard) })
  }

  /** Nothing goes on in its process for so long: a garbage collection, the lid of a laptop. */
  standsStill(ms: number): void {
    this.#stillUntil = this.#run.clock.now() + ms
    const told = words(
      "{0:이/가} 하던 일을 손에 든 채 멈춰 버려요. 그룹은 죽은 줄 알아요",
      "{0} stands still, its event in hand: the group takes it for dead",
      this.who,
    )
    this.#run.history.add({ process: this.who.en, who: this.who, event: "still", words: told })
  }

  /** The same in the middle of a commit: before its process begins its transaction of this number, something happens elsewhere. */
  standsStillBefore(transaction: number, happens: () => void): void {
    this.#meanwhile = { transactionsLeft: transaction, happens }
  }

  /** The broker as the learner's commit gets it. */
  get #interruptible(): Broker {
    const { broker } = this.process
    const transaction: Broker["transaction"] = (work) => {
      if (!broker.database.inTransaction) this.#beforeTransaction()
      return broker.transaction(work)
    }
    return new Proxy(broker, { get: (_, property) => (property === "transaction" ? transaction : Reflect.get(broker, property)) })
  }

  #beforeTransaction(): void {
    if (!this.#meanwhile || --this.#meanwhile.transactionsLeft > 0) return
    const { happens } = this.#meanwhile
    this.#meanwhile = undefined
    const told = words(
      "{0:이/가} 커밋하다가 트랜잭션을 시작하기 직전에 멈춰 버려요. 그룹은 죽은 줄 알아요",
      "{0} stands still in its commit, just before a transaction begins: the group takes it for dead",
      this.who,
    )
    this.#run.history.add({ process: this.who.en, who: this.who, event: "still", words: told })
    happens()
  }

  async #loop(shard: number, generation: number, work: { releasing: boolean }): Promise<void> {
    while (!work.releasing) {
      const { database } = this.process.broker
      const position =
        database.prepare<[number], { position: number }>("SELECT position FROM shard WHERE number = ?").get(shard)?.position ?? 0
      const event = this.#run.log[shard]?.[position]
      if (!event) {
        await this.process.sleep(20)
        continue
      }
      const { message } = named(event)
      this.#tell("begun", shard, { message, words: words("{0:이/가} {1:을/를} 시작해요", "{0} begins {1}", this.who, code(message)) })
      await this.process.sleep(100)
      await this.process.sleep(this.#stillUntil - this.#run.clock.now())
      if (!this.#finish(event, { shard, generation, position })) return
    }
  }

  /** The event is cooked: its ticket goes out with the commit. False: the shard is somebody else's by now. */
  #finish(event: OrderEvent, claim: { shard: number; generation: number; position: number }): boolean {
    const { broker } = this.process
    const { message } = named(event)
    const done = this.#commit(this.#interruptible, { ...claim, member: this.name }, () => {
      void broker.queue<OrderEvent>("tickets").send(event)
      if (broker.database.inTransaction) return
      const told = words(
        "{0:이/가} {1}의 주문표를 트랜잭션 밖에서 보내요",
        "{0} sends the ticket of {1} outside of a transaction",
        this.who,
        code(message),
      )
      this.#tell("ticket", claim.shard, { message, words: told })
    })
    const generation = this.#run.generation(claim.shard)
    const parts = [this.who, code(message), claim.generation, generation]
    const told = done
      ? words("{0:이/가} {1:을/를} {2}세대로 커밋해요. 통과", "{0} commits {1} in generation {2}: accepted", ...parts)
      : words(
          "{0:이/가} {1:을/를} {2}세대로 커밋하지만 거절돼요 (지금은 {3}세대)",
          "{0} commits {1} in generation {2}: refused (it is generation {3} now)",
          ...parts,
        )
    const until = this.#tell(done ? "finished" : "fenced", claim.shard, { message, words: told })
    if (done) this.#look(claim, generation, message, until)
    return done
  }

  /** What the commit said must be what stands in the table. */
  #look(claim: { shard: number; generation: number; position: number }, generation: number, message: string, until: Step): void {
    const about = { keys: [until.key], until }
    if (claim.generation !== generation) {
      const headline = words(
        "늦은 커밋이 `true`를 돌려줘서, {0:은/는} {1:을/를} 끝낸 줄 알아요",
        "a late commit returned `true`: {0} believes that {1} is done",
        ...[this.who, code(message)],
      )
      this.#run.untrue ??= { kind: "PHANTOM", headline, ...about }
      return
    }
    const [position, next] = [this.#run.position(claim.shard), claim.position + 1]
    if (position === next) return
    const headline =
      position < next
        ? words(
            "{0:을/를} 커밋한 뒤에도 {1}번 샤드의 위치가 {2:이어서/여서} 같은 이벤트를 다시 해요",
            "after the commit of {0} the position of shard {1} is {2}: it is done again",
            ...[code(message), claim.shard, position],
          )
        : words(
            "{0:을/를} 커밋한 뒤 {1}번 샤드의 위치가 {2:이어서/여서} 다음 이벤트를 건너뛰어요",
            "after the commit of {0} the position of shard {1} is {2}: the next event is left out",
            ...[code(message), claim.shard, position],
          )
    const note = words(
      "이 이벤트의 위치는 {0:이고/고}, 다음 이벤트는 {1:이에요/예요}",
      "this event's position is {0}, the next one's {1}",
      claim.position,
      next,
    )
    this.#run.misplaced ??= { kind: position < next ? "DUPLICATED" : "LOST", headline, note, ...about }
  }

  #tell(event: string, shard: number, about: { message?: string; words: Words }) {
    return this.#run.history.add({ process: this.who.en, who: this.who, event, partition: shard, ...this.#run.keyOf(shard), ...about })
  }
}
