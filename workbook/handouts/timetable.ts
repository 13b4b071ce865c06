/** One row of the plan: a section, a part of a long one, or a break. Times are minutes since the day began. */
export interface Row<Section> {
  /** None: a break. */
  readonly section?: Section
  readonly from: number
  readonly until: number
}

const plan = {
  /** As long as one listens well; a section that is longer is done in one piece all the same. */
  sittingMinutes: 90,
  breakMinutes: 15,
  /** With the breaks: from nine to half past five, an hour for lunch. */
  dayMinutes: 450,
}

/** Sections one after another, with breaks between them, on as many days as they need. */
export function timetable<Section extends { readonly minutes: number }>(sections: readonly Section[]): Row<Section>[][] {
  const days: Row<Section>[][] = []
  let day: Row<Section>[] | undefined
  let sitting = 0
  for (const section of sections) {
    const until = day?.at(-1)?.until ?? 0
    const tired = sitting > 0 && sitting + section.minutes > plan.sittingMinutes
    const from = until + (tired ? plan.breakMinutes : 0)
    if (!day || from + section.minutes > plan.dayMinutes) {
      day = [{ section, from: 0, until: section.minutes }]
      days.push(day)
      sitting = section.minutes
      continue
    }
    if (tired) day.push({ from: until, until: from })
    day.push({ section, from, until: from + section.minutes })
    sitting = tired ? section.minutes : sitting + section.minutes
  }
  return days
}
