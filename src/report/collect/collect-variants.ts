import { z } from "zod";
import { subjects, variantOrigins } from "../../base/terms.ts";
import { jsonOrNull } from "../../base/json.ts";
import type { Database } from "../../tables/database.ts";
import type { PlayerFacts, VariantFacts } from "../run-results.ts";
import { queryRows } from "./query-rows.ts";

const text = z.string().nullable();

const variantRow = z
  .object({
    variant: z.string(),
    subject: z.enum(subjects),
    role: z.enum(["base", "control", "knowledge", "texts"]),
    origin: z.enum(variantOrigins),
    ...{ vectors_of: text, deal: text, texts_of: text, imported_from: text, strategy: text },
    ...{ rounds: z.number().nullable(), samples: z.number().nullable() },
    ...{ actor_provider: text, actor_model: text, actor_sampling: text },
    ...{ reflector_provider: text, reflector_model: text, reflector_sampling: text },
    ...{ encoder: text, protocol: text },
  })
  .transform((row): VariantFacts => ({
    ...{ variant: row.variant, subject: row.subject, role: row.role, origin: row.origin },
    ...{ vectorsOf: row.vectors_of, deal: row.deal, textsOf: row.texts_of },
    ...{ importedFrom: row.imported_from, strategy: row.strategy },
    ...{ rounds: row.rounds, samples: row.samples },
    actor: playerOf(row.actor_provider, row.actor_model, row.actor_sampling),
    reflector: playerOf(row.reflector_provider, row.reflector_model, row.reflector_sampling),
    ...{ encoder: row.encoder, protocol: row.protocol },
  }));

const samplingText = z.object({ temperature: z.number().optional() });

function playerOf(
  provider: string | null,
  model: string | null,
  sampling: string | null,
): PlayerFacts | null {
  if (provider === null) return null;
  const read = samplingText.safeParse(sampling === null ? null : jsonOrNull(sampling));
  return { provider, model, temperature: read.data?.temperature ?? null };
}

/** What made every variant; empty for a run that does not say. */
export function collectVariants(db: Database): Promise<readonly VariantFacts[]> {
  return queryRows(db, "variants", variantRow);
}
