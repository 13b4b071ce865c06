/** What the keys h n p r l c a y q give while a Korean keyboard (two-set) is on: nobody should have to switch for one letter. */
const korean: Readonly<Record<string, string>> = { ㅗ: "h", ㅜ: "n", ㅔ: "p", ㄱ: "r", ㅣ: "l", ㅊ: "c", ㅁ: "a", ㅛ: "y", ㅂ: "q" }

/** A key as `Desk.press` knows it: readline's name for a special one, the character itself otherwise. */
export function keyOf(character: string | undefined, key: { name?: string | undefined; ctrl?: boolean | undefined }): string {
  if (key.ctrl && (key.name === "c" || key.name === "d")) return "q"
  const typed = character ?? ""
  if (typed in korean) return korean[typed] ?? ""
  if (typed === "?") return "?"
  return key.name === "enter" ? "return" : (key.name ?? typed)
}
