import { FlowError } from "../../base/errors.ts";
import type { Database } from "../database.ts";
import { exactBits, isExactWhole } from "./id-text.ts";

/** A column of ids, wherever users bring them. */
export interface IdColumn {
  /** SQL of what to select from. */
  readonly from: string;
  /** SQL of the column. */
  readonly column: string;
  /** Its type. */
  readonly type: string;
  /** What messages call it: "column user_id of a.csv". */
  readonly text: string;
}

/**
 * Checks that ids have not lost digits before they came here, so that several became one: texts that a spreadsheet has cut, such as
 * 1.23E+15, and whole numbers too large for the floating-point type that holds them.
 *
 * @throws `INPUT_INVALID` naming the column, how many there are, the first, and the cure
 */
export async function refuseLostIds(db: Database, { text, ...ids }: IdColumn): Promise<void> {
  const { type } = ids;
  if (type === "VARCHAR") {
    const found = await findCutIds(db, ids);
    if (found !== null) throw cutIds(text, found);
  }
  if (type === "FLOAT" || type === "DOUBLE") {
    const { column } = ids;
    const isRounded = `${column} = trunc(${column}) and isfinite(${column}) and not (${isExactWhole(column, type)})`;
    const why =
      `${type} rounds whole numbers from 2^${exactBits(type)} on, and several ids may have become one; ` +
      "write the ids as BIGINT or as texts";
    const found = await findLost(db, ids, isRounded);
    if (found !== null) throw lostIds(text, found, why);
  }
}

/** Ids that have lost digits. */
export interface LostIds {
  readonly ids: number;
  readonly first: string;
}

/** Finds texts whose digits a spreadsheet has cut; null without any. */
export function findCutIds(
  db: Database,
  ids: Pick<IdColumn, "from" | "column">,
): Promise<LostIds | null> {
  const { column } = ids;
  const isCut = `contains(${column}, 'E+') and regexp_full_match(${column}, '\\s*-?[0-9]([.,][0-9]+)?E[+][0-9]{2,3}\\s*')`;
  return findLost(db, ids, isCut);
}

/** The error for ids that {@link findCutIds} finds. */
export function cutIds(text: string, found: LostIds): FlowError {
  const why =
    "a spreadsheet such as Excel has cut their digits, and several ids may have become one; export the ids again as texts";
  return lostIds(text, found, why);
}

async function findLost(
  db: Database,
  { from, column }: Pick<IdColumn, "from" | "column">,
  isLost: string,
): Promise<LostIds | null> {
  const [found] = await db.rows(
    `select count(*) as ids, any_value(cast(${column} as varchar)) as first from ${from} where ${isLost}`,
  );
  const ids = Number(found?.["ids"]);
  return ids === 0 ? null : { ids, first: String(found?.["first"]) };
}

function lostIds(text: string, { ids, first }: LostIds, why: string): FlowError {
  return new FlowError(
    "INPUT_INVALID",
    `${text} holds ${ids.toLocaleString("en")} ids such as ${first}: ${why}`,
  );
}
