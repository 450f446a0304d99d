import { describe, expect, test } from "vitest";
import { progressView } from "../../src/cli/progress-view.ts";
import { taskSpec } from "../train/run-folder.ts";

describe("progressView", () => {
  test("says each note once per stage, however many tasks bring it", () => {
    const lines: string[] = [];
    const view = progressView({
      isTTY: false,
      columns: 80,
      write: (text: string) => lines.push(text) > 0,
    });
    const stage = (name: string, notes: readonly string[]): void => {
      view.show({ kind: "stage-started", stage: name, tasks: 2, reused: 0, rowsReused: 0 });
      for (const index of [0, 1]) {
        const task = { ...taskSpec(name, {}, {}, {}), index };
        const progress = { rowsDone: 0, notes };
        const event = { kind: "progress", task, progress } as const;
        view.show({ kind: "task", stage: name, event, attempt: 1 });
      }
    };
    stage("train", ["3 values left out", "slow"]);
    stage("other", ["slow"]);
    expect(lines).toEqual(["train: 3 values left out\n", "train: slow\n", "other: slow\n"]);
  });
});
