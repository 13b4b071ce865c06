import type { ComponentChildren } from "preact"

/** Text that may be wider or longer than its place: it is scrolled with the keys, too. */
export function Scrolled({ children }: { children: ComponentChildren }) {
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
  return <pre tabIndex={0}>{children}</pre>
}
