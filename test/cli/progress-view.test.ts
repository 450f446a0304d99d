import { describe, expect, test } from "vitest";
import { progressView } from "../../src/cli/progress/progress-view.ts";
import type { Outcomes } from "../../src/flow/outcomes.ts";
import type { RunEvent } from "../../src/flow/run-event.ts";
import type { TaskProgress, TaskSpec } from "../../src/flow/task.ts";

const task: TaskSpec = {
  ...{ stage: "knowledge", index: 0, key: "k", module: "m", export: "e" },
  ...{ config: {}, runtime: null, params: {}, outputs: [], inputs: {} },
};

/** What a log shows of a stage with these events in the middle, and these parts at its end. */
function shown(
  events: readonly TaskProgress[],
  outcomes: readonly (Outcomes | undefined)[],
  retried: Readonly<Record<string, number>> = {},
): readonly string[] {
  const lines: string[] = [];
  const view = progressView({
    isTTY: false,
    columns: 80,
    write: (text: string) => lines.push(text.trimEnd()) > 0,
  });
  const stage = "knowledge";
  const all: readonly RunEvent[] = [
    { kind: "stage-started", stage, tasks: 2, reused: 1, rowsReused: 9, retried },
    ...events.map((progress): RunEvent => {
      return { kind: "task", stage, attempt: 1, event: { kind: "progress", task, progress } };
    }),
    {
      ...{ kind: "stage-finished", stage, tasks: 2, reused: 1, seconds: 1.25 },
      files: outcomes.map((each, part) => ({
        ...{ table: "user_knowledge", path: `p${part}`, rows: 600, bytes: 1, sha256: "" },
        ...(each && { outcomes: each }),
      })),
    },
  ];
  for (const event of all) view.show(event);
  view.close();
  return lines;
}

const outcomes = (ends: Readonly<Record<string, number>>): Outcomes => ({ actor: { ends } });

describe("progressView", () => {
  test("ends a stage with its errors by kind, the most frequent first", () => {
    const lines = shown(
      [],
      [outcomes({ ok: 588, empty: 3, length: 9 }), outcomes({ length: 1000 })],
    );
    expect(lines.at(-1)).toBe(
      "knowledge         1.3 s (1 of 2 tasks kept)  user_knowledge 1,200  finished with 1,012 errors (length 1,009, empty 3)",
    );
  });

  test("says nothing of errors where there are none", () => {
    expect(shown([], [undefined]).join()).not.toContain("error");
  });

  test("says what is asked again", () => {
    const [first] = shown([], [undefined], { failed: 1 });
    expect(first).toBe("knowledge       asks again what had no answer: 1 error (failed 1)");
  });

  test("tells each note once", () => {
    const notes = ["the server cuts prompts off", "tags instead"];
    const lines = shown(
      [
        { rowsDone: 1, notes: notes.slice(0, 1) },
        { rowsDone: 2, notes },
        { rowsDone: 3, notes },
      ],
      [undefined],
    );
    expect(lines.slice(0, -1)).toEqual(notes.map((note) => `knowledge       ${note}`));
  });
});

test.each([true, false])("acts on no escape of a model or server (terminal: %s)", (isTTY) => {
  const written: string[] = [];
  const write = (text: string | Uint8Array): boolean => written.push(String(text)) > 0;
  const view = progressView({ write, isTTY, columns: 200 });
  view.say("the server said \u001b]0;title\u0007");
  view.show({ kind: "waiting", text: "batch \u009b2J" });
  const follow = view.follow("fetch \u001b[8m");
  follow({ rowsDone: 1, rowsTotal: 2, unit: "\u001b[2J", detail: { loss: "\u0007" } });
  view.close();
  const own = "\r\u001b[K"; // clears the bar
  expect(written.join("").replaceAll(own, "")).not.toMatch(/[^\P{Cc}\n]/u);
  expect(written.join("")).toContain("the server said \uFFFD]0;title\uFFFD\n");
});
