import type { TaskContext } from "../../flow/task.ts";

/** What the user should know about the models that a stage asks, collected over all its tasks. */
export interface StageNotes {
  /** @param about - Of several notes with the same subject, only the first is kept */
  readonly say: (about: string, text: string) => void;
  readonly all: () => readonly string[];
  readonly close: () => Promise<void>;
}

/** The notes that all tasks of a stage share. */
export function stageNotes({ shared }: Pick<TaskContext, "shared">): Promise<StageNotes> {
  return shared("stage notes", () => {
    const texts = new Map<string, string>();
    return Promise.resolve({
      say: (about, text) => {
        if (!texts.has(about)) texts.set(about, text);
      },
      all: () => [...texts.values()],
      close: () => Promise.resolve(),
    });
  });
}
