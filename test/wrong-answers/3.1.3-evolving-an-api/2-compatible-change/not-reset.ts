// ko: minor를 올리면서 patch를 0으로 되돌리지 않는다
// en: Counts the minor up and leaves the patch as it was
// caught by: [5]
/** One field of a contract. With `values`, one of these stands there; without, anything of the type. The description is for people. */
export interface Field {
  readonly type: "string" | "number" | "boolean"
  readonly required: boolean
  readonly values?: readonly string[]
  readonly description?: string
}
export type Contract = Readonly<Record<string, Field>>
export type Change = "major" | "minor" | "patch"

/** Task 3. The names of the reader's fields that may fail it in what somebody writes who keeps to the writer's contract. */
export function unreadable(writer: Contract, reader: Contract): string[] {
  const fails = (read: Field, written?: Field) => {
    if (!written) return read.required
    const anythingElse = read.values && !written.values?.every((value) => read.values?.includes(value))
    return (read.required && !written.required) || read.type !== written.type || Boolean(anythingElse)
  }
  // The reader's fields alone: what the writer has besides, a tolerant reader does not look at.
  return Object.keys(reader).filter((name) => fails(reader[name] as Field, writer[name]))
}

/** Task 4. How great a change it is from one contract to the next. A response counts as an event. */
export function changeOf(what: "request" | "event", before: Contract, after: Contract): Change {
  // The old side is not ours to change: it writes the requests, and it reads the events.
  const [writer, reader] = what === "request" ? [before, after] : [after, before]
  const ignored = what === "request" && Object.keys(before).some((name) => !after[name])
  if (ignored || unreadable(writer, reader).length > 0) return "major"
  const rules = (contract: Contract) =>
    Object.keys(contract)
      .toSorted()
      .map((name) => [name, contract[name]?.type, contract[name]?.required, contract[name]?.values?.toSorted()])
  return JSON.stringify(rules(before)) === JSON.stringify(rules(after)) ? "patch" : "minor"
}

/** Task 5. The version of an API after these changes to its requests and events. */
export function nextVersion(version: string, changes: readonly Change[]): string {
  const [major = 0, minor = 0, patch = 0] = version.split(".").map(Number)
  // The greatest change decides, and what stands behind it begins anew.
  if (changes.includes("major")) return `${major + 1}.0.0`
  if (changes.includes("minor")) return `${major}.${minor + 1}.${patch}`
  return changes.includes("patch") ? `${major}.${minor}.${patch + 1}` : version
}
