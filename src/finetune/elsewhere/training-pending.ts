/** @file How a run stops for trainings elsewhere. */
import { join } from "node:path";
import { FlowError } from "../../base/errors.ts";
import { shellWord } from "../../base/shell-word.ts";
import { subjects } from "../../base/terms.ts";
import { exportFormats } from "../export/export-formats.ts";
import type { TrainerName } from "../trainer-names.ts";
import type { AwaitedAdapter } from "./elsewhere-stage.ts";
import type { TrainingFolder } from "./write-folders.ts";

/** Thrown where models are still to be trained elsewhere; the message says how, and what to add to the pipeline file then. */
export class TrainingPending extends FlowError {
  override readonly name: string = "TrainingPending";

  /**
   * @param awaited - All adapters that roles are played with
   * @param folders - Of those that are not trained
   */
  constructor(
    trainer: TrainerName,
    awaited: readonly Omit<AwaitedAdapter, "content">[],
    folders: readonly TrainingFolder[],
  ) {
    super("ANSWERS_PENDING", waitingText(trainer, awaited, folders));
  }
}

function waitingText(
  trainer: TrainerName,
  awaited: readonly Omit<AwaitedAdapter, "content">[],
  folders: readonly TrainingFolder[],
): string {
  const { title, install, command, servedAs } = exportFormats[trainer];
  const commands = folders.map(
    ({ folder, trainRows }) =>
      `  (cd ${shellWord(folder)} && ${command})  # ${trainRows.toLocaleString("en")} row${trainRows === 1 ? "" : "s"}`,
  );
  const named = awaited.map(({ subject, role, model, given }) => {
    const made = folders.find(({ student: one }) => one.subject === subject && one.role === role);
    const value =
      made === undefined
        ? (given ?? "")
        : model === null
          ? servedAs(made.student)
          : join(made.folder, "adapter");
    return { subject, text: `${role}: ${yamlWord(value)}` };
  });
  const lines = subjects.flatMap((subject) => {
    const own = named.flatMap((one) => (one.subject === subject ? one.text : []));
    return own.length === 0 ? [] : `      ${subject}s: { ${own.join(", ")} }`;
  });
  const isServed = awaited.some(({ model, given }) => model === null && given === null);
  return [
    `${String(folders.length)} of ${String(awaited.length)} models ${folders.length === 1 ? "is" : "are"} still to be trained elsewhere. Run each, here or on another machine,`,
    ...commands,
    `with ${title} (before that: ${install}). The README.md of a folder says what is in it${isServed ? ", and how its model gets the name that a server knows it by" : ""}.`,
    "Then say in the pipeline file what came of it:",
    "  finetune:",
    "    adapters:",
    ...lines,
    "and run r4ec again: it continues from here. What is not trained yet is left out; a folder that is removed is written again.",
  ].join("\n");
}

/** A text as a value in YAML's flow style. */
function yamlWord(text: string): string {
  return /^(?![\d.-]*$)[\w./@+-]+$/u.test(text) ? text : JSON.stringify(text);
}
