import type { TaskContext } from "./task.ts";

/** What the user should know about the work of a stage, collected over the tasks that run in one worker. */
export interface StageNotes {
  /** @param about - Of several notes with the same subject, only the first is kept */
  readonly say: (about: string, text: string) => void;
  readonly all: () => readonly string[];
  /**
   * Calls back when something new is said, also while the task itself has nothing to report.
   *
   * @returns Ends it
   */
  readonly follow: (onNew: () => void) => () => void;
  readonly close: () => Promise<void>;
}

/** The notes that all tasks of a stage share. */
export function stageNotes({ shared }: Pick<TaskContext, "shared">): Promise<StageNotes> {
  return shared("stage notes", () => {
    const texts = new Map<string, string>();
    const followers = new Set<() => void>();
    return Promise.resolve({
      say: (about, text) => {
        if (texts.has(about)) return;
        texts.set(about, text);
        for (const onNew of followers) onNew();
      },
      all: () => [...texts.values()],
      follow: (onNew) => {
        followers.add(onNew);
        return () => void followers.delete(onNew);
      },
      close: () => Promise.resolve(),
    });
  });
}
