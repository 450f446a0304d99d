import type { Database } from "../../../src/tables/database.ts";
import { makeRunTable } from "../../util/hand-made-table.ts";

/** Values of a row that a test is about. */
export interface SampleRow {
  readonly subject?: "user" | "item";
  readonly subject_id: number;
  readonly sample?: number;
  readonly split?: "train" | "valid";
  readonly tokens?: number;
  readonly counted?: "exact" | "estimated";
  readonly completion?: string;
  readonly messages?: string;
}

/** Rows of the three tables of fine-tuning data, what a row leaves out filled in. */
export interface SampleLessons {
  readonly reason?: readonly SampleRow[];
  readonly refine?: readonly SampleRow[];
  readonly reflect?: readonly SampleRow[];
}

const conversation = (user: string): string =>
  JSON.stringify([
    { role: "system", content: "You are an expert." },
    { role: "user", content: user },
  ]);

/** Makes the tables of fine-tuning data. */
export async function makeLessons(db: Database, lessons: SampleLessons): Promise<void> {
  for (const kind of ["reason", "refine", "reflect"] as const) {
    const rows = (lessons[kind] ?? []).map((row) => ({
      ...{ subject: "user", sample: 0, split: "train", tokens: 100, counted: "exact" },
      messages: conversation(`${kind} about ${row.subject_id}: "é\n\u2028<data>"`),
      completion: `${kind} ${row.subject_id}`,
      ...row,
    }));
    await makeRunTable(db, `sft_${kind}`, rows);
  }
}

/** Rows about users 1 to 3 and item 7; user 2 is for validation. */
export const sampleLessons: SampleLessons = {
  reason: [
    { subject_id: 1 },
    { subject_id: 1, sample: 1, tokens: 2048 },
    { subject_id: 2, split: "valid" },
    { subject_id: 3, tokens: 2049 },
    { subject: "item", subject_id: 7 },
  ],
  refine: [{ subject_id: 1, sample: 2 }],
  reflect: [
    { subject_id: 1 },
    { subject_id: 2, split: "valid" },
    { subject: "item", subject_id: 7, counted: "estimated" },
  ],
};
