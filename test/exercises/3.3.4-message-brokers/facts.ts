import type { Broker, Need, System } from "#work/3.3.4-message-brokers/3-choosing.ts"
import { type Words, words } from "../support/language.ts"

/** Whether it is so, why, and where that stands. */
export interface Fact {
  readonly meets: boolean
  readonly why: Words
  readonly source: string
}

const yes = (source: string, ko: string, en: string): Fact => ({ meets: true, why: words(ko, en), source })
const no = (source: string, ko: string, en: string): Fact => ({ meets: false, why: words(ko, en), source })

const zguide = "ZeroMQ, The Guide"
const rabbit = "RabbitMQ 4.3 documentation"
const kafka = "Apache Kafka 4.3 documentation"
const kinesis = "Amazon Kinesis Data Streams developer guide"
const sqs = "Amazon SQS developer guide"

/** The brokers as they were in November 2026. */
export const facts: Readonly<Record<Broker, Readonly<Record<Need, Fact>>>> = {
  brokerless: {
    direct: yes(zguide, "두 프로그램의 소켓이 바로 이어져요", "the sockets of the two programs are connected directly"),
    kept: no(zguide, "메시지는 두 프로그램의 메모리에만 있어요", "messages are in the memory of the two programs only"),
    "read-again": no(zguide, "나간 메시지를 적어 두는 곳이 없어요", "what has gone out is written down nowhere"),
    "one-by-one": no(zguide, "받은 쪽이 실패해도 다시 보낼 사본이 없어요", "when the receiver fails, there is no copy to send again"),
    priority: no(zguide, "소켓의 줄은 온 순서대로예요", "a socket's queue is first in, first out"),
    "own-machines": yes(zguide, "라이브러리일 뿐이에요", "it is but a library"),
    "nothing-to-run": yes(zguide, "서버가 없어요", "there is no server"),
  },
  RabbitMQ: {
    direct: no(rabbit, "메시지는 브로커를 거쳐 가요", "messages go through the broker"),
    kept: yes(`${rabbit}, Quorum Queues`, "쿼럼 큐는 디스크에 쓰고 복제해요", "a quorum queue is replicated, and on disk"),
    "read-again": yes(
      `${rabbit}, Streams`,
      "스트림(stream)은 읽어도 남아 있고, 보존 기간은 정하기 나름이에요",
      "a stream keeps what was read, for as long as it is told to",
    ),
    "one-by-one": yes(
      `${rabbit}, Quorum Queues`,
      "메시지마다 확인하고, 확인되지 않은 것만 다시 나와요",
      "messages are acknowledged one by one, and only what was not comes again",
    ),
    priority: yes(`${rabbit}, Quorum Queues`, "쿼럼 큐에 우선순위가 있어요", "quorum queues have priorities"),
    "own-machines": yes(rabbit, "어디에나 설치할 수 있어요", "it can be installed anywhere"),
    "nothing-to-run": no(rabbit, "노드를 설치하고 업그레이드하는 것이 우리 일이에요", "its nodes are ours to install and to upgrade"),
  },
  Kafka: {
    direct: no(kafka, "메시지는 브로커를 거쳐 가요", "messages go through the broker"),
    kept: yes(kafka, "로그는 디스크에 있고 복제돼요", "the log is on disk, and replicated"),
    "read-again": yes(
      `${kafka}, Topic Configs`,
      "`retention.ms`는 기본 7일이고, 늘릴 수 있어요",
      "`retention.ms` is 7 days by default and can be raised",
    ),
    "one-by-one": yes(
      `${kafka}, Upgrading`,
      "4.2부터는 공유 그룹(share group)에서 메시지마다 확인할 수 있어요",
      "since 4.2 share groups acknowledge record by record",
    ),
    priority: no(kafka, "파티션은 적힌 순서대로 읽어요", "a partition is read in the order in which it was written"),
    "own-machines": yes(kafka, "어디에나 설치할 수 있어요", "it can be installed anywhere"),
    "nothing-to-run": no(
      kafka,
      "브로커와 컨트롤러를 설치하고 업그레이드하는 것이 우리 일이에요",
      "its brokers and controllers are ours to install and to upgrade",
    ),
  },
  Kinesis: {
    direct: no(kinesis, "메시지는 AWS를 거쳐 가요", "messages go through AWS"),
    kept: yes(kinesis, "스트림은 기본 24시간 동안 레코드를 보관해요", "a stream keeps records, for 24 hours by default"),
    "read-again": yes(
      `${kinesis}, Change the data retention period`,
      "보존 기간을 365일까지 늘릴 수 있어요",
      "its retention can be raised to 365 days",
    ),
    "one-by-one": no(
      "AWS Lambda developer guide, Kinesis",
      "샤드는 체크포인트까지만 기억해요. 레코드 하나가 계속 실패하면 그 샤드의 뒤가 막혀요",
      "a shard remembers one checkpoint: a record that keeps failing holds up what is behind it in the shard",
    ),
    priority: no(kinesis, "샤드는 적힌 순서대로 읽어요", "a shard is read in the order in which it was written"),
    "own-machines": no(kinesis, "AWS에만 있어요", "it exists on AWS only"),
    "nothing-to-run": yes(kinesis, "AWS가 운영해요", "AWS runs it"),
  },
  SQS: {
    direct: no(sqs, "메시지는 AWS를 거쳐 가요", "messages go through AWS"),
    kept: yes(sqs, "큐는 기본 4일 동안 메시지를 보관해요", "a queue keeps messages, for 4 days by default"),
    "read-again": no(
      `${sqs}, Message quotas`,
      "확인한 메시지는 지워지고, 그 전에도 14일까지만 남아요",
      "what was acknowledged is deleted, and nothing stays longer than 14 days",
    ),
    "one-by-one": yes(
      `${sqs}, Visibility timeout`,
      "메시지마다 지우고, 지우지 않은 것만 다시 나와요",
      "messages are deleted one by one, and only what was not comes again",
    ),
    priority: no(sqs, "큐 하나에는 우선순위가 없어요. 큐를 둘로 나눠야 해요", "a queue has no priorities: it takes two queues"),
    "own-machines": no(sqs, "AWS에만 있어요", "it exists on AWS only"),
    "nothing-to-run": yes(sqs, "AWS가 운영해요", "AWS runs it"),
  },
}

export const systems: readonly System[] = [
  { name: "oven-display", needs: ["direct", "own-machines"] },
  { name: "cooking-orders", needs: ["kept", "one-by-one", "priority"] },
  { name: "order-history", needs: ["kept", "read-again", "own-machines"] },
  { name: "courier-positions", needs: ["read-again", "nothing-to-run"] },
  { name: "receipts", needs: ["kept", "one-by-one", "nothing-to-run"] },
]

export const brokers = Object.keys(facts) as Broker[]
export const needs = Object.keys(facts.SQS) as Need[]
