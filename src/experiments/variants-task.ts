import { z } from "zod";
import type { Subject } from "../base/terms.ts";
import type { RunTask } from "../flow/task.ts";
import { batchFromRows } from "../tables/batch-from-rows.ts";
import { withDatabase, type Database, type Row } from "../tables/database.ts";
import { mountTables } from "../tables/mount-tables.ts";
import { sqlFile } from "../tables/sql-file.ts";
import { writeBatches } from "../tables/write-batches.ts";
import { variantRow, type VariantRow } from "./variant-row.ts";

const variantsConfig = z.object({ rows: z.array(variantRow) });

/**
 * Writes `variants`: what the settings say of each, with what the tables hold of it.
 *
 * Config `{ rows }`. Reads `data_fingerprint`, the knowledge, the embeddings and, where the protocol has any, `cuts`.
 */
export const describeVariants: RunTask = async (task, context) => {
  const { rows } = variantsConfig.parse(task.config);
  return withDatabase(context, async (db) => {
    await mountTables(db, task.inputs, context.runDir);
    const [cuts = {}] =
      task.inputs["cuts"] === undefined
        ? []
        : await db.rows("select train_until, test_from from cuts");
    const [data = {}] = await db.rows("select fingerprint from data_fingerprint");
    const texts = await bySubject(db, "experiments/written_texts");
    const encoders = await bySubject(db, "experiments/encoders_of_vectors");
    const described = rows.toSorted(byKey).map((row): Row => {
      const { variant, subject, vectorsOf, textsOf } = row;
      const isKnown = row.protocol !== null;
      const { encoder, encoder_hash } = encoders(vectorsOf, subject);
      return {
        ...{ variant, subject, role: row.role, origin: row.origin },
        ...{ vectors_of: vectorsOf, deal: row.deal, texts_of: textsOf },
        ...{ imported_from: row.importedFrom, strategy: row.strategy },
        ...{ rounds: row.rounds, samples: row.samples },
        ...playerColumns("actor", row.actor),
        ...playerColumns("reflector", row.reflector),
        prompt_versions:
          row.importedFrom === null ? texts(textsOf, subject)["prompt_versions"] : null,
        ...{ encoder, encoder_hash, protocol: row.protocol },
        train_until: isKnown ? cuts["train_until"] : null,
        test_from: isKnown ? cuts["test_from"] : null,
        contexts: row.contexts,
        data_fingerprint: isKnown ? data["fingerprint"] : null,
      };
    });
    const batch = batchFromRows("variants", described);
    return [await writeBatches(db, "variants", [batch], context)];
  });
};

type BySubject = (variant: string | null, subject: Subject) => Row;

/** The rows of a statement by variant and subject; an empty row where there is none. */
async function bySubject(db: Database, statement: string): Promise<BySubject> {
  const rows = new Map(
    (await db.rows(sqlFile(statement))).map((row) => [
      `${String(row["variant"])} ${String(row["subject"])}`,
      row,
    ]),
  );
  return (variant, subject) => rows.get(`${String(variant)} ${subject}`) ?? {};
}

function playerColumns(role: "actor" | "reflector", player: VariantRow["actor"]): Row {
  return {
    [`${role}_provider`]: player?.provider ?? null,
    [`${role}_model`]: player?.model ?? null,
    [`${role}_sampling`]: player?.sampling ?? null,
  };
}

/** The order of the table. */
function byKey(a: VariantRow, b: VariantRow): number {
  const [one, other] = [a, b].map(({ variant, subject }) => Buffer.from(`${variant}\0${subject}`));
  return one === undefined || other === undefined ? 0 : Buffer.compare(one, other);
}
