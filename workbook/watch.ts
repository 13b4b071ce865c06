import { join, relative, sep } from "node:path"
import { watch } from "chokidar"

/** Calls back with the path, from the root, of each file under exercises/ that is saved, added or removed. Resolves when it watches. */
export async function watchExercises(root: string, changed: (path: string) => void): Promise<{ stop(): Promise<void> }> {
  const directory = join(root, "exercises")
  const watcher = watch(directory, {
    ignoreInitial: true,
    // The learner's kept files, the progress, and what editors leave beside a file.
    ignored: (path) =>
      relative(directory, path)
        .split(sep)
        .some((part) => part.startsWith(".") && part !== "..") || path.endsWith("~"),
  })
  watcher.on("all", (_event, path) => changed(relative(root, path).split(sep).join("/")))
  const { promise, resolve } = Promise.withResolvers<void>()
  watcher.once("ready", resolve)
  await promise
  return { stop: () => watcher.close() }
}
