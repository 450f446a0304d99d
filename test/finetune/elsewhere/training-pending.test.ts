import { describe, expect, test } from "vitest";
import { TrainingPending } from "../../../src/finetune/elsewhere/training-pending.ts";
import { students } from "../../../src/finetune/export/lessons.ts";

const [userActor, userReflector] = students(false);

function folderOf(student: typeof userActor, folder: string) {
  if (student === undefined) throw new Error("no student");
  return { student, folder, trainRows: 1234, validRows: 0, longRows: 0, isKept: false };
}

describe("TrainingPending", () => {
  test("has the commands, and the lines for the pipeline file with those that are trained already", () => {
    const { code, message } = new TrainingPending(
      "axolotl",
      [
        { subject: "user", role: "actor", given: null, model: "m.gguf" },
        { subject: "user", role: "reflector", given: null, model: null },
        { subject: "item", role: "actor", given: "ft:gpt: 4", model: null },
      ],
      [folderOf(userActor, "/runs/a b/ua"), folderOf(userReflector, "/runs/ur")],
    );
    expect(code).toBe("ANSWERS_PENDING");
    expect(message).toBe(
      `2 of 3 models are still to be trained elsewhere. Run each, here or on another machine,
  (cd '/runs/a b/ua' && axolotl train train.yaml)  # 1,234 rows
  (cd /runs/ur && axolotl train train.yaml)  # 1,234 rows
with axolotl (before that: pip install axolotl). The README.md of a folder says what is in it, and how its model gets the name that a server knows it by.
Then say in the pipeline file what came of it:
  finetune:
    adapters:
      users: { actor: "/runs/a b/ua/adapter", reflector: user-reflector }
      items: { actor: "ft:gpt: 4" }
and run r4ec again: it continues from here. What is not trained yet is left out; a folder that is removed is written again.`,
    );
  });

  test("leaves the name to a service that gives one", () => {
    const awaited = { subject: "user", role: "actor", given: null, model: null } as const;
    const { message } = new TrainingPending("openai", [awaited], [folderOf(userActor, "/ua")]);
    expect(message).toContain("1 of 1 models is still");
    expect(message).toContain('      users: { actor: "ft:..." }\n');
    expect(message).toContain("(cd /ua && node start.mjs)");
  });
});
