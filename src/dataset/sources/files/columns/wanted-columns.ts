import type { MappedColumn } from "../../source-report.ts";
import type { WantedColumn } from "../file-errors.ts";
import type { FilesSettings } from "../settings.ts";

/** Roles that columns of the interactions can have. */
type ColumnRole = "user" | "item" | "time" | "rating" | "label" | "event" | "weight";

/**
 * The columns of the interactions that settings name, in the order of the view's `c0, c1, …`: user, item, time unless it is the order of
 * the rows, then rating or label or event, and weight if there is one.
 */
export function wantedColumns({
  columns,
}: Pick<FilesSettings, "columns">): readonly WantedColumn[] {
  const roles: readonly ColumnRole[] = [
    "user",
    "item",
    "time",
    "rating",
    "label",
    "event",
    "weight",
  ];
  return roles.flatMap((role): readonly WantedColumn[] => {
    const name = columns[role];
    const isOrder = role === "time" && columns.timeUnit === "order";
    if (name === undefined || isOrder) return [];
    const numbers = numbersOf(role, columns);
    return [{ name, setting: `dataset.columns.${role}`, ...(numbers && { numbers }) }];
  });
}

function numbersOf(
  role: ColumnRole,
  { timeUnit }: FilesSettings["columns"],
): WantedColumn["numbers"] {
  if (role === "user" || role === "item") return "ids";
  if (role !== "time") return undefined;
  return timeUnit === "excel" ? "days" : "times";
}

/** A column of the view, and its type. */
export interface ViewColumn {
  /** `c0`, `c1`, … */
  readonly column: string;
  readonly type: string;
}

/** Where the roles of the interactions are in the view; time is absent where it is the order of the rows. */
export interface RoleColumns {
  readonly user: ViewColumn;
  readonly item: ViewColumn;
  readonly time?: ViewColumn;
  /** Rating, label or event. */
  readonly value: ViewColumn;
  readonly weight?: ViewColumn;
}

/** @param types - DuckDB's type of each column of {@link wantedColumns} */
export function roleColumns(
  { columns }: Pick<FilesSettings, "columns">,
  types: readonly string[],
): RoleColumns {
  const hasTime = columns.timeUnit !== "order";
  const at = (place: number): ViewColumn => ({ column: `c${place}`, type: types[place] ?? "" });
  return {
    ...{ user: at(0), item: at(1) },
    ...(hasTime && { time: at(2) }),
    value: at(hasTime ? 3 : 2),
    ...(columns.weight !== undefined && { weight: at(hasTime ? 4 : 3) }),
  };
}

/**
 * How columns are read, for reports; where the time is the order of the rows, it comes last.
 *
 * @param types - DuckDB's type of each column
 * @param taken - By role, in words
 */
export function mappedColumns(
  wanted: readonly WantedColumn[],
  types: readonly string[],
  taken: Readonly<Record<string, string>>,
): readonly MappedColumn[] {
  const mapped = wanted.map(({ name, setting }, place) => {
    const role = setting.slice(setting.lastIndexOf(".") + 1);
    return { role, name, type: types[place] ?? "", taken: taken[role] ?? "" };
  });
  if (mapped.some(({ role }) => role === "time")) return mapped;
  return [
    ...mapped,
    { role: "time", name: "rows", type: "in their order", taken: taken["time"] ?? "" },
  ];
}
