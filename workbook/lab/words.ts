import type { Language } from "../language.ts"
import type { Knob } from "./knobs.ts"

interface LabWords {
  readonly title: string
  readonly intro: string
  readonly status: (producers: number, consumers: number) => string
  readonly section: (id: string) => string
  readonly knobs: Readonly<Record<Knob, readonly [label: string, meaning: string]>>
}

const en: LabWords = {
  title: "Laboratory",
  intro: "Producers send orders to a queue and to a partitioned channel; consumers are processes of their own. Turn something and watch.",
  status: (producers, consumers) => `Producers: ${producers} · Consumers: ${consumers}`,
  section: (id) => `section ${id}`,
  knobs: {
    "add-producer": ["Add a producer", "Five orders a second more: the depth grows if the consumers do not keep up."],
    "remove-producer": ["Remove a producer", "The consumers catch up."],
    "add-consumer": ["Add a consumer", "Competing consumers share the queue; the partitions are dealt out again."],
    "stop-consumer": ["Stop a consumer", "It finishes what it has in hand, and leaves its group."],
    "kill-consumer": ["Kill a consumer", "What it had in hand comes back when its lease ends; its partitions get another owner."],
    "slow-consumer": ["Slow a consumer down", "The others do more; keys that wait for the slow one wait on."],
    "send-twice": ["Send a message twice", "With the same id, as a relay does after a crash: the broker drops the second."],
    poison: ["Send a poison message", "Every attempt fails: after the last one it is a dead letter."],
    redrive: ["Send the dead letters again", "They go back to where they came from."],
    "more-partitions": ["Go on with twice the partitions", "In a new channel: the old one is read to its end. Keys have other places now."],
  },
}

const ko: LabWords = {
  title: "실험실",
  intro: "프로듀서는 큐와 파티션 채널에 주문을 보내고, 컨슈머는 저마다 별도의 프로세스예요. 하나씩 바꿔 보고 지켜보세요.",
  status: (producers, consumers) => `프로듀서 ${producers} · 컨슈머 ${consumers}`,
  section: (id) => `${id}절`,
  knobs: {
    "add-producer": ["프로듀서 추가", "주문이 초당 다섯 개씩 늘어요. 컨슈머가 따라가지 못하면 대기가 쌓여요."],
    "remove-producer": ["프로듀서 제거", "컨슈머가 밀린 것을 따라잡아요."],
    "add-consumer": ["컨슈머 추가", "경합하는 컨슈머가 큐를 나눠 처리하고, 파티션을 다시 나눠 가져요."],
    "stop-consumer": ["컨슈머 멈추기", "손에 든 것을 끝내고 그룹을 떠나요."],
    "kill-consumer": ["컨슈머 죽이기", "손에 들고 있던 것은 임대(lease)가 끝나면 돌아오고, 파티션은 주인이 바뀌어요."],
    "slow-consumer": ["컨슈머 느리게 하기", "다른 컨슈머가 더 많이 처리해요. 느린 쪽을 기다리는 키는 계속 기다려요."],
    "send-twice": ["메시지 두 번 보내기", "크래시 뒤의 릴레이처럼 같은 id로 보내요. 두 번째는 브로커가 버려요."],
    poison: ["독이 든 메시지 보내기", "시도할 때마다 실패하고, 마지막 시도 뒤에는 데드 레터가 돼요."],
    redrive: ["데드 레터 다시 보내기", "있던 곳으로 돌아가요."],
    "more-partitions": ["파티션을 두 배로 늘려 계속하기", "새 채널로 옮기고 옛 채널은 끝까지 읽어요. 키의 자리가 바뀌어요."],
  },
}

export const labWords: Readonly<Record<Language, LabWords>> = { ko, en }
