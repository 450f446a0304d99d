import { FlowError } from "../../../base/errors.ts";
import { literalPath } from "../../../tables/literal-path.ts";
import { decodeLine } from "../files/text/decode-line.ts";
import { readLines } from "../files/text/read-lines.ts";
import { quotingOf, splitRecord, standardQuoting } from "../files/text/split-record.ts";

/**
 * SQL that reads columns of a CSV file by the names in its first line, in any order and beside others: a query with the columns `column0`,
 * `column1`, … in the order of `names`, all texts.
 *
 * @param names - As GroupLens writes them; upper and lower case are alike
 * @throws `INPUT_INVALID` for a first line that lacks one of them, as where there is no header
 */
export async function csvColumns(
  path: string,
  names: readonly string[],
  options = "",
): Promise<string> {
  const header = await headerOf(path);
  const places = names.map((name) => header.findIndex((each) => isAlike(each, name)));
  const isAmbiguous = names.some((name) => header.filter((each) => isAlike(each, name)).length > 1);
  if (places.includes(-1) || isAmbiguous) {
    throw new FlowError(
      "INPUT_INVALID",
      `${path}: line 1: expected the columns ${names.join(",")}${isAmbiguous ? ", each once" : ""}, found ${header.join(",").slice(0, 200)}; ` +
        "give the file the first line it was published with, or read it with dataset.source csv.",
    );
  }
  const columns = header.map((_, place) => `'field${place}': 'VARCHAR'`).join(", ");
  const chosen = places.map((place, k) => `field${place} as column${k}`).join(", ");
  return (
    `select ${chosen} from read_csv(${literalPath(path)}, delim = ',', header = false, skip = 1, quote = '"', escape = '"', ` +
    `${options}auto_detect = false, hive_partitioning = false, columns = {${columns}})`
  );
}

async function headerOf(path: string): Promise<readonly string[]> {
  for await (const [line] of readLines(path)) {
    if (line === undefined) continue;
    const split = splitRecord(decodeLine(line, "utf-8").text, {
      delimiter: ",",
      ...quotingOf(standardQuoting),
    });
    return "fields" in split ? split.fields.map((name) => name.trim()) : [];
  }
  return [];
}

function isAlike(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
