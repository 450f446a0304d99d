import { z } from "zod";
import { protocols, subjects, variantOrigins } from "../base/terms.ts";

const role = z.strictObject({
  provider: z.string(),
  model: z.string().nullable(),
  /** JSON. */
  sampling: z.string().nullable(),
});

/** What the settings say of a variant's vectors of users or items; the columns of table `variants`. */
export const variantRow = z.strictObject({
  variant: z.string(),
  subject: z.enum(subjects),
  role: z.enum(["base", "control", "knowledge", "texts"]),
  origin: z.enum(variantOrigins),
  vectorsOf: z.string().nullable(),
  deal: z.string().nullable(),
  textsOf: z.string().nullable(),
  importedFrom: z.string().nullable(),
  strategy: z.string().nullable(),
  rounds: z.int().nullable(),
  samples: z.int().nullable(),
  actor: role.nullable(),
  reflector: role.nullable(),
  protocol: z.enum(protocols).nullable(),
  /** JSON; null where the origin is unknown. */
  contexts: z.string().nullable(),
});

/** See {@link variantRow}. */
export type VariantRow = z.infer<typeof variantRow>;
