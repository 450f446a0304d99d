/** @file Metadata of items and users from files. */
import type { Database } from "../../../tables/database.ts";
import { attributeMap, type AttributeColumn } from "./metadata/attribute-values.ts";
import { idFault, idValue, type IdKind } from "./columns/id-value.ts";
import { createView } from "./create-view.ts";
import { defineListMacros } from "./metadata/list-macros.ts";
import type { SourceSite } from "../source.ts";
import { refuseLostIds } from "../../../tables/source-ids/refuse-lost-ids.ts";
import { namesOf, type WantedColumn } from "./file-errors.ts";
import type { SourceFile } from "./find-files.ts";
import { openFiles, type OpenedFiles } from "./open-files.ts";
import type { MetadataForms } from "./source-of-files.ts";
import { placeRows } from "./stage-rows.ts";
import type { CsvSettings, ItemFile, UserFile } from "./settings.ts";
import { refuseLostYears, yearValue } from "./metadata/year-value.ts";

export interface LoadMetadataOptions extends MetadataForms {
  readonly files: readonly SourceFile[];
  readonly csv: CsvSettings;
  readonly site: SourceSite;
  /** Texts that stand for a missing value. */
  readonly missingValues: readonly string[];
  readonly kind: IdKind;
}

/** Checks the rows of the item files: the view `items_checked`. */
export async function openItems(
  db: Database,
  { id, title, year, text, attributes, listSeparator }: Omit<ItemFile, "path" | "missing">,
  options: LoadMetadataOptions,
): Promise<OpenedFiles> {
  const named = [
    ...[
      { role: "id", name: id },
      { role: "title", name: title },
    ],
    ...(year === undefined ? [] : [{ role: "year", name: year }]),
    ...text.map((name) => ({ role: "text", name })),
    ...attributes.map((name) => ({ role: "attributes", name })),
  ];
  const { cleaned = (sql: string): string => sql } = options;
  const opened = await openJudged(db, "items", named, options, (types) => {
    const [idType = "", titleType = ""] = types;
    const first = year === undefined ? 2 : 3;
    const texts = text.map((name, k): AttributeColumn => {
      const type = types[first + k] ?? "";
      const column = type === "VARCHAR" ? cleaned(`c${first + k}`) : `c${first + k}`;
      return { name, column, type, isText: true };
    });
    const categories = attributes.map((name, k): AttributeColumn => {
      const place = first + text.length + k;
      const column = { column: `c${place}`, type: types[place] ?? "", separator: listSeparator };
      return { name, ...options.attributes?.[k], ...column };
    });
    const titleText = titleType === "VARCHAR" ? "c1" : "cast(c1 as varchar)";
    return [
      `${idValue("c0", idType, options.kind)} as item_id`,
      `trim(regexp_replace(${cleaned(titleText)}, '[[:space:][:cntrl:]]+', ' ', 'g')) as title`,
      `${year === undefined ? "null::smallint" : yearValue("c2")} as year`,
      `${attributeMap([...texts, ...categories])} as attributes`,
    ];
  });
  if (year !== undefined) await refuseLostYears(db, year, opened.files);
  return opened;
}

/** Checks the rows of the user files: the view `users_checked`. */
export async function openUsers(
  db: Database,
  { id, attributes, listSeparator }: Omit<UserFile, "path">,
  options: LoadMetadataOptions,
): Promise<OpenedFiles> {
  const named = [
    { role: "id", name: id },
    ...attributes.map((name) => ({ role: "attributes", name })),
  ];
  return openJudged(db, "users", named, options, (types) => {
    const [idType = ""] = types;
    const categories = attributes.map((name, k): AttributeColumn => {
      const type = types[1 + k] ?? "";
      return { name, column: `c${1 + k}`, type, separator: listSeparator };
    });
    return [
      `${idValue("c0", idType, options.kind)} as user_id`,
      `${attributeMap(categories)} as attributes`,
    ];
  });
}

async function openJudged(
  db: Database,
  side: "items" | "users",
  named: readonly { readonly role: string; readonly name: string }[],
  { files, csv, site, missingValues, kind }: LoadMetadataOptions,
  valuesOf: (types: readonly string[]) => readonly string[],
): Promise<OpenedFiles> {
  const columns = named.map(({ role, name }): WantedColumn => ({
    name,
    setting: `dataset.${side}.${role}`,
    mayBeList: role === "text" || role === "attributes",
    ...(role === "id" && { numbers: "ids" }),
  }));
  await defineListMacros(db);
  const opened = await openFiles(db, {
    view: `${side}_raw`,
    files,
    columns,
    csv,
    missingValues,
    site,
  });
  const values = [
    "file_index, place, line, fault, content, c0 as id_raw",
    ...valuesOf(opened.types),
  ];
  const select = `select ${values.join(", ")} from ${side}_raw`;
  await placeRows(db, { view: `${side}_placed`, select }, opened, site);
  await createView(db, `${side}_checked`, `source/checked_${side}`, {
    id_fault: idFault(side === "items" ? "item" : "user", opened.types[0] ?? "", kind),
  });
  if (kind === "dictionary") {
    const text = `dataset.${side}.id: column ${named[0]?.name ?? ""} of ${namesOf(files)}`;
    const ids = { column: side === "items" ? "item_id" : "user_id", type: "VARCHAR", text };
    await refuseLostIds(db, { from: `${side}_checked`, ...ids });
  }
  return opened;
}
