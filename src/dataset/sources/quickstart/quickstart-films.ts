import { readFile } from "node:fs/promises";

import { FlowError, reasonOf } from "../../../base/errors.ts";

/** One film of the catalogue in data/films.csv. */
export interface Film {
  /** From 1, without gaps. */
  readonly itemId: number;
  readonly title: string;
  /** Year of release. */
  readonly year: number;
  /** Always `genre`; `director`, `source`, `style` and `audience` where known. */
  readonly attributes: Readonly<Record<string, readonly string[]>>;
}

/** The catalogue that ships with r4ec. */
export const filmCatalogue = new URL("../../../../data/films.csv", import.meta.url);

const header = "item_id,title,year,genre,director,source,style,audience";

/**
 * Reads the catalogue that ships with r4ec.
 *
 * @throws FlowError `INPUT_INVALID` if the file is missing or not the catalogue
 */
export async function readFilms(file: URL = filmCatalogue): Promise<readonly Film[]> {
  const text = await readFile(file, "utf8").catch((thrown: unknown) => {
    throw new FlowError(
      "INPUT_INVALID",
      `${file.pathname}: cannot read the film catalogue (${reasonOf(thrown)}); install r4ec again`,
      { cause: thrown },
    );
  });
  const [first = [], ...records] = parseCsv(text);
  if (first.join(",") !== header) {
    throw new FlowError("INPUT_INVALID", `${file.pathname}: expected the header ${header}`);
  }
  return records.map((record, index) => filmOf(record, `${file.pathname}: record ${index + 1}`));
}

function filmOf(record: readonly string[], where: string): Film {
  const [id = "", title = "", yearText = "", genre = "", director, source, style, audience] =
    record;
  const itemId = Number(id);
  const year = Number(yearText);
  if (audience === undefined || record.length !== 8) {
    throw new FlowError("INPUT_INVALID", `${where}: expected 8 fields, got ${record.length}`);
  }
  if (!Number.isInteger(itemId) || itemId < 1 || !Number.isInteger(year) || title === "") {
    throw new FlowError(
      "INPUT_INVALID",
      `${where}: expected id, title and year, got ${id},${title},${yearText}`,
    );
  }
  const named = Object.entries({ genre, director, source, style, audience });
  return {
    itemId,
    title,
    year,
    attributes: Object.fromEntries(
      named.flatMap(([name, value]) => (value ? [[name, [value]]] : [])),
    ),
  };
}

/** Parses CSV as RFC 4180 defines it: quoted fields may contain commas, line breaks and doubled quotes. */
export function parseCsv(text: string): string[][] {
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/gy;
  const records: string[][] = [];
  let record: string[] = [];
  while (field.lastIndex < text.length) {
    const start = field.lastIndex;
    const match = field.exec(text);
    if (match === null) {
      throw new FlowError("INPUT_INVALID", `CSV: misplaced quote in record ${records.length + 1}`);
    }
    const [whole, quoted, plain = "", end] = match;
    record.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end !== ",") {
      records.push(record);
      record = [];
    }
    if (start + whole.length >= text.length && end === ",") record.push("");
  }
  if (record.length > 0) records.push(record);
  return records;
}
