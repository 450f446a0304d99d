import { FlowError } from "../../base/errors.ts";
import type { Database } from "../../tables/database.ts";
import { sqlFile } from "../../tables/sql-file.ts";
import { countSplits, splitFaultsOf } from "../audits/refuse-empty-splits.ts";
import type { SamplesOptions } from "./samples-stage.ts";
import { cutsParams } from "./cuts-task.ts";
import { shortUsersFault } from "./short-users.ts";
import { splitCure } from "./split-cure.ts";

/**
 * Why the splits of `interactions` cannot be made, trained or measured on, in words, without making them. Empty where they can.
 *
 * @param nameOf - Names a user as the source does
 */
export async function splitFaults(
  db: Database,
  { protocol, samples, contextRows, shortUsers, labels }: SamplesOptions,
  nameOf: (id: number) => Promise<string>,
): Promise<readonly string[]> {
  const short =
    shortUsers === "drop"
      ? undefined
      : await shortUsersFault(db, { protocol, contextRows, nameOf });
  try {
    if (protocol !== "reference") {
      const params = await cutsParams(db, { protocol, samples });
      await db.run(`create or replace table cuts as ${sqlFile("cuts/cuts")}`, params);
    }
  } catch (error) {
    if (error instanceof FlowError && error.code === "INPUT_INVALID") return [error.message];
    throw error;
  }
  await db.run(
    `create or replace table roles as select role as split, label from (\n${sqlFile(`timeline/${protocol}`)}\n)`,
    { context_rows: contextRows },
  );
  const counts = await countSplits(db, "from roles");
  await db.run("drop table roles");
  return [
    ...(short === undefined ? [] : [short]),
    ...splitFaultsOf(counts, protocol, {
      labelCure: labels,
      splitCure: splitCure(protocol, samples),
    }),
  ];
}
