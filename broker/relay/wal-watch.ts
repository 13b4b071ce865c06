import { type FSWatcher, statSync, watch } from "node:fs"

/**
 * Tells when the log has changed, and no more than that: a hint, like every watcher.
 *
 * The log's file is watched and never its directory. Deno opens each file of a watched directory that something happens
 * to, and closes it again; with that the process loses SQLite's POSIX locks on the file, a second writer gets in beside
 * the first, and the database is destroyed. On the log SQLite holds no locks.
 */
export class WalWatch {
  readonly #path: string
  readonly #changed: () => void
  #watcher: FSWatcher | undefined
  #inode: number | undefined

  constructor(path: string, changed: () => void) {
    this.#path = path
    this.#changed = changed
    this.follow()
  }

  /** A log that was deleted and made anew is another file under the same name. To be called at each look. */
  follow(): void {
    const inode = statSync(this.#path, { throwIfNoEntry: false })?.ino
    if (inode === this.#inode) return
    this.close()
    this.#inode = inode
    if (inode === undefined) return
    try {
      const watcher = watch(this.#path, { persistent: false }, (event) => {
        // The new file may have got the old one's inode.
        if (event === "rename" && this.#watcher === watcher) this.#inode = undefined
        this.#changed()
      })
      watcher.on("error", () => watcher.close())
      this.#watcher = watcher
    } catch {
      // No more watchers to be had, or a file system without them: the interval stands behind it.
    }
  }

  close(): void {
    this.#watcher?.close()
    this.#watcher = undefined
  }
}
