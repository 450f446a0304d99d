/** @file Tables of the stage construct. */
import { historyColumns, itemId, label, subjectColumns, ts, userId } from "./columns.ts";
import { column, type TableSchema } from "./schema.ts";

/** What a model is fine-tuned on; `kind` completes the table's name. */
const fineTuning = (kind: "reason" | "refine" | "reflect", about: string): TableSchema => ({
  name: `sft_${kind}`,
  about,
  grain: ["subject", "subject_id", "sample"],
  order: ["subject", "subject_id", "sample"],
  columns: [
    ...subjectColumns,
    column("sample", "INTEGER", "number of the teacher's inference, from 0"),
    column(
      "split",
      "VARCHAR",
      "train or valid, by the hash of the id (construct.validation): the same for all rows of a subject, in all three tables",
    ),
    column(
      "messages",
      "VARCHAR",
      "prompt as used at inference, without target and verdict: JSON list of a system and a user message, {role, content}",
    ),
    column(
      "completion",
      "VARCHAR",
      "expected answer, in the form read at inference: the one turn of the model",
    ),
    ...(kind === "reflect" ? [column("judgement", "VARCHAR", "reasonable or unreasonable")] : []),
    column(
      "words",
      "INTEGER",
      kind === "reflect" ? "of the reflection; 0 when reasonable" : "of the completion",
    ),
    column("tokens", "INTEGER", "of messages and completion, with 4 a message for the template"),
    column(
      "counted",
      "VARCHAR",
      "exact: by the tokenizer.json of the role's settings, or the teacher's; estimated: 4 characters a token",
    ),
    column("prompt_version", "VARCHAR", "version of the inference prompt"),
  ],
});

/** Who the teacher is asked about. */
export const targetsTables: readonly TableSchema[] = [
  {
    name: "user_targets",
    about:
      "Events the teacher is tested on: the first after the context, for a share of the users; never a scored event.",
    grain: ["user_id"],
    order: ["user_id"],
    columns: [userId, itemId, label, ts],
  },
  {
    name: "item_targets",
    about:
      "Events the teacher is tested on: another user's training event, for a share of the items.",
    grain: ["item_id"],
    order: ["item_id"],
    columns: [
      itemId,
      column("target_user_id", "INTEGER", "neither the liker nor the disliker of the context"),
      label,
      ts,
      ...historyColumns("history_", "what the target user rated before"),
    ],
  },
];

/** What the teacher wrote, and fine-tuning data made of it. */
export const constructTables: readonly TableSchema[] = [
  {
    name: "construction",
    about: "Every inference of the teacher: what it said and which data set it went to.",
    grain: ["subject", "subject_id", "sample"],
    order: ["subject", "subject_id", "sample"],
    columns: [
      ...subjectColumns,
      column("sample", "INTEGER", "number of the inference about this subject, from 0"),
      column("label", "TINYINT", "the known answer: 1 liked, 0 not"),
      column("verdict", "TINYINT", "the teacher's prediction; null when unreadable"),
      column(
        "judgement",
        "VARCHAR",
        "reasonable or unreasonable; null when not asked for or unreadable",
      ),
      column(
        "refined_verdict",
        "TINYINT",
        "prediction with the refined text; null when not asked for or unreadable",
      ),
      column(
        "route",
        "VARCHAR",
        "reason: to sft_reason and sft_reflect; refine: to sft_refine and sft_reflect; dropped",
      ),
      column(
        "drop_reason",
        "VARCHAR",
        "unreasonable_but_right, reasonable_but_wrong, still_wrong, target_in_text, unreadable, or the fault of the answer; null when kept",
      ),
      column(
        "words",
        "INTEGER",
        "words of the text kept (the refined text for route refine); null when dropped",
      ),
      column("model", "VARCHAR", "the teacher"),
      column("prompt_version", "VARCHAR", "version of the last prompt sent"),
      column(
        "error",
        "VARCHAR",
        "which step failed and why; null unless an answer was missing or unreadable",
      ),
    ],
  },
  fineTuning("reason", "The actor's first task: history to knowledge, as the teacher did it."),
  fineTuning(
    "refine",
    "The actor's second task: from history, knowledge and reflection to better knowledge.",
  ),
  fineTuning("reflect", "The reflector's task: history and knowledge to judgement and reflection."),
];
