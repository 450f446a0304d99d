import { tableSchemas, tablesByStage, type TableSchema } from "../src/tables/schemas/index.ts";
import { code, markdownTable, prose } from "./markdown.ts";

/** docs/tables.md: every table, by the stage that writes it. */
export function tablesPage(): string {
  const ofStages = Object.entries(tablesByStage);
  const names = new Set(ofStages.flatMap(([, tables]) => tables.map(({ name }) => name)));
  const others = [...tableSchemas.values()].filter(({ name }) => !names.has(name));
  return [
    "# Tables",
    "<!-- Written by `npm run docs` from src/tables/schemas/. Do not edit. -->",
    "Every stage of a run writes tables: Parquet files in `runs/NAME/tables/TABLE/`, complete once the stage is. Any program that " +
      "reads Parquet can read them; `r4ec sql` queries only complete tables, under these names:",
    '```sh\nnpx r4ec sql runs/quickstart "describe samples"\n```',
    "**Ids** of users and items are integers: the source's own or, where it has others, their numbers in `user_dictionary` and " +
      "`item_dictionary`. In `r4ec sql`, `source_user_id(user_id)` and `source_item_id(item_id)` give the source's ids of any run, " +
      "`source_user_ids(list)` and `source_item_ids(list)` those of a list, and `run_user_id('id')` and `run_item_id('id')` the integers.",
    "**Grain** is the set of columns that identifies a row, **order** how rows are sorted within a part. " +
      "A column marked optional exists only in some runs. Stages may share a table (`audits`, `requests`); it is listed once.",
    ...overview(ofStages),
    ...ofStages.flatMap(([stage, tables]) => [
      `## Stage ${code(stage)}`,
      ...tables.flatMap(tableSection),
    ]),
    "## Outside of a run",
    "Written by `r4ec encode`.",
    ...others.flatMap(tableSection),
  ].join("\n\n");
}

function overview(
  ofStages: readonly (readonly [string, readonly TableSchema[]])[],
): readonly string[] {
  const rows = ofStages.map(([stage, tables]) => [
    code(stage),
    tables.map(({ name }) => `[${name}](#${name})`).join(", "),
  ]);
  return [markdownTable(["stage", "tables"], rows)];
}

function tableSection({ name, about, grain, order, columns }: TableSchema): readonly string[] {
  const rows = columns.map((column) => [
    code(column.name),
    code(column.type),
    prose(column.about) + (column.isOptional === true ? " (optional)" : ""),
  ]);
  const keys = (list: readonly string[]): string => list.map(code).join(", ");
  return [
    `### ${name}`,
    prose(about),
    `Grain: ${keys(grain)}. Order: ${keys(order)}.`,
    markdownTable(["column", "type", "meaning"], rows),
  ];
}
