import { z } from "zod";
import { groupBy } from "../../base/group-by.ts";
import { shortList, shortText } from "../../page/short-text.ts";
import type { Database } from "../../tables/database.ts";
import { queryRows } from "./query-rows.ts";
import type { ContextEvent, KnowledgeAnswer, KnowledgeExample } from "../report-details.ts";
import type { Subject } from "../../base/terms.ts";

const answerRow = z.object({
  subject_id: z.number(),
  source_id: z.union([z.number(), z.string()]).nullable(),
  variant: z.string(),
  round: z.number(),
  role: z.string(),
  task: z.string(),
  text: z.string().nullable(),
  judgement: z.string().nullable(),
  reflection: z.string().nullable(),
  is_final: z.boolean(),
  error: z.string().nullable(),
});

const contextRow = z.object({
  side: z.enum(["history", "liker", "disliker"]),
  title: z.string(),
  rating: z.number().nullable(),
});

const attributes = z.record(z.string(), z.array(z.string()).nullable()).nullable();
const cardRow = z.object({
  title: z.string().nullable().default(null),
  year: z.number().nullable().default(null),
  attributes,
});

/**
 * A few users or items, those with a refined text first. The same tables always give the same examples.
 *
 * @param db - With the macros of `defineSourceIds`
 * @param count - Most subjects to return
 */
export async function collectExamples(
  db: Database,
  subject: Subject,
  count: number,
): Promise<readonly KnowledgeExample[]> {
  const rows = await queryRows(db, `${subject}_examples`, answerRow, { count });
  const examples: KnowledgeExample[] = [];
  for (const own of groupBy(rows, (row) => [row.subject_id])) {
    const [first] = own;
    if (first === undefined) continue;
    const answers = own.map(
      ({ subject_id: _, source_id: __, is_final, ...row }): KnowledgeAnswer => ({
        ...row,
        isFinal: is_final,
      }),
    );
    const { subject_id: number, source_id } = first;
    const shown = await collectSubject(db, subject, number);
    examples.push({ subject, id: source_id ?? number, ...shown, answers });
  }
  return examples;
}

async function collectSubject(
  db: Database,
  subject: Subject,
  id: number,
): Promise<Omit<KnowledgeExample, "subject" | "id" | "answers">> {
  const params = { subject_id: id };
  const [card] = await queryRows(db, `${subject}_card`, cardRow, params);
  const context: readonly ContextEvent[] = await queryRows(
    db,
    `${subject}_context`,
    contextRow,
    params,
  );
  const known = Object.entries(card?.attributes ?? {}).map(
    ([name, values]) => [name, shortList(values ?? [])] as const,
  );
  return {
    title: card?.title == null ? null : shortText(card.title),
    year: card?.year ?? null,
    attributes: Object.fromEntries(known),
    context: context.map((event) => ({ ...event, title: shortText(event.title) })),
  };
}
