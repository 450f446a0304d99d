/** @file What made the vectors of a variant, as far as a comparison with the paper needs it. */
import { z } from "zod";
import { groupBy } from "../../base/group-by.ts";
import type { Database } from "../../tables/database.ts";
import { sqlFile } from "../../tables/sql-file.ts";

const text = z.string().nullable();

const makerRow = z
  .object({
    variant: z.string(),
    subject: z.string(),
    role: z.string(),
    origin: z.string(),
    strategy: text,
    rounds: z.number().nullable(),
    samples: z.number().nullable(),
    actor_provider: text,
    actor_model: text,
    reflector_model: text,
    encoder: text,
  })
  .transform(({ actor_provider, actor_model, reflector_model, ...row }) => ({
    ...row,
    ...{ actorProvider: actor_provider, actorModel: actor_model, reflectorModel: reflector_model },
  }));

/** See {@link makerRow}; users' and items' vectors have been made alike. */
export interface Maker {
  readonly variant: string;
  readonly role: string;
  /** iterate, reason, filter or kar; null where it is no knowledge, unknown, or not the same for users and items. */
  readonly strategy: string | null;
  readonly rounds: number | null;
  readonly samples: number | null;
  readonly actorModel: string | null;
  readonly reflectorModel: string | null;
  readonly encoder: string | null;
  /** Whether the built-in profiler wrote any of its texts. */
  readonly isProfiler: boolean;
  /** Whether users and items both have vectors, made in the same way. */
  readonly isWhole: boolean;
}

/** What made every trained variant of a run. */
export async function collectMakers(db: Database): Promise<readonly Maker[]> {
  const rows = z.array(makerRow).parse(await db.rows(sqlFile("report/variant_makers")));
  return groupBy(rows, ({ variant }) => [variant]).flatMap((sides) => {
    const [one] = sides.filter(({ strategy }) => strategy !== null);
    const { variant = "", role = "" } = sides[0] ?? {};
    const none = { strategy: null, rounds: null, samples: null, encoder: null };
    const made = one ?? { ...none, actorModel: null, reflectorModel: null };
    const madeOf = ({
      subject: _subject,
      origin: _origin,
      ...how
    }: (typeof rows)[number]): string => JSON.stringify(how);
    return {
      ...{ variant, role },
      strategy: made.strategy,
      rounds: made.rounds,
      samples: made.samples,
      actorModel: made.actorModel,
      reflectorModel: made.reflectorModel,
      encoder: made.encoder,
      isProfiler: sides.some(({ actorProvider }) => actorProvider === "profiler"),
      isWhole: sides.length === 2 && new Set(sides.map(madeOf)).size === 1,
    };
  });
}

/** A strategy in words: "iterate, T = 1". */
export function strategyOf({ strategy, rounds, samples }: Maker): string {
  switch (strategy) {
    case "iterate":
      return `iterate, T = ${rounds ?? "?"}`;
    case "filter":
      return `filter, N = ${samples ?? "?"}`;
    case "reason":
      return "one pass";
    case "kar":
      return "one chain of thought";
    default:
      return "origin unknown";
  }
}
