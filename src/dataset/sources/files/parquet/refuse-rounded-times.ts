import { FlowError } from "../../../../base/errors.ts";
import type { Database } from "../../../../tables/database.ts";
import { exactBits } from "../../../../tables/source-ids/id-text.ts";
import type { WantedColumn } from "../file-errors.ts";
import type { SourceFile } from "../find-files.ts";
import type { FoundColumn } from "./parquet-types.ts";
import { pathOf } from "./path-of.ts";

/** Files that have the requested columns in one form, by their place among all. */
interface FileForm {
  readonly files: readonly number[];
  readonly columns: readonly (FoundColumn & { readonly column: string })[];
}

/**
 * Checks that times are not stored in 32 bits, of which 24 hold the number: FLOAT rounds seconds since 1970 to multiples of 128, and the
 * days of a spreadsheet to minutes.
 *
 * @throws `INPUT_INVALID` naming file, column, a rounded time, and what it was rounded to
 */
export async function refuseRoundedTimes(
  db: Database,
  forms: readonly FileForm[],
  files: readonly SourceFile[],
  columns: readonly WantedColumn[],
): Promise<void> {
  for (const form of forms) {
    for (const [k, { column, type }] of form.columns.entries()) {
      const { name = "", setting = "", numbers } = columns[k] ?? {};
      if (type !== "FLOAT" || (numbers !== "times" && numbers !== "days")) continue;
      const isRounded = `abs(${column}) >= ${2 ** exactBits(type)}${numbers === "days" ? ` or ${column} <> trunc(${column})` : ""}`;
      for (const index of form.files) {
        const file = files[index];
        if (file === undefined) continue;
        const [found] = await db.rows(
          `select cast(${column} as double) as time from read_parquet(${pathOf(file)}, hive_partitioning = false) ` +
            `where isfinite(${column}) and (${isRounded}) limit 1`,
        );
        if (found !== undefined) throw rounded(setting, name, file.path, Number(found["time"]));
      }
    }
  }
}

function rounded(setting: string, name: string, path: string, time: number): FlowError {
  const step = 2 ** (Math.floor(Math.log2(Math.abs(time))) - exactBits("FLOAT") + 1);
  const steps = step < 1 ? `1/${1 / step}` : String(step);
  return new FlowError(
    "INPUT_INVALID",
    `${setting}: column ${name} of ${path} is FLOAT (32 bits), which rounds times such as ${time} to multiples of ${steps}; ` +
      "cast it to BIGINT or DOUBLE where the file is written, before it becomes FLOAT",
  );
}
