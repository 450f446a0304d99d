import type { RetryPolicy } from "../base/retry-policy.ts";

/** How the rows that one maker wrote came about. */
export interface Outcome {
  /** Rows by how they ended: "ok" or a kind of error. */
  readonly ends: Readonly<Record<string, number>>;
  /** The first error, in words. */
  readonly firstError?: string;
}

/** How the rows of a part came about, by who made them. */
export type Outcomes = Readonly<Record<string, Outcome>>;

/** A part, as far as it tells of its rows. */
interface TellingPart {
  readonly outcomes?: Outcomes;
}

/** Rows by kind of error. */
export type ErrorCounts = Readonly<Record<string, number>>;

/** Counts how the rows of a part come about. */
export interface OutcomeTally {
  /** @param error - Kind and words; absent for a row that is as it should be */
  readonly add: (maker: string, error?: { readonly kind: string; readonly reason: string }) => void;
  /** Undefined while there are no errors: nothing is kept of parts that are as they should be. */
  readonly outcomes: () => Outcomes | undefined;
}

/** Starts at nothing. */
export function outcomeTally(): OutcomeTally {
  const makers = new Map<string, { ends: Record<string, number>; firstError?: string }>();
  let hasErrors = false;
  return {
    add: (name, error) => {
      const maker = makers.get(name) ?? { ends: {} };
      makers.set(name, maker);
      const end = error?.kind ?? "ok";
      maker.ends[end] = (maker.ends[end] ?? 0) + 1;
      if (error === undefined) return;
      hasErrors = true;
      maker.firstError ??= error.reason;
    },
    outcomes: () => (hasErrors ? Object.fromEntries(makers) : undefined),
  };
}

/** The rows that hold an error, by its kind, the most frequent first. */
export function errorsIn(files: readonly TellingPart[]): ErrorCounts {
  const counts = new Map<string, number>();
  for (const { outcomes = {} } of files) {
    for (const [end, rows] of Object.values(outcomes).flatMap(({ ends }) => Object.entries(ends))) {
      if (end !== "ok") counts.set(end, (counts.get(end) ?? 0) + rows);
    }
  }
  return Object.fromEntries([...counts].sort(([, a], [, b]) => b - a));
}

/** Number of rows that hold an error. */
export function errorTotal(errors: ErrorCounts): number {
  return Object.values(errors).reduce((sum, rows) => sum + rows, 0);
}

/** Such as "12 errors (length 9, empty 3)"; "" without errors. */
export function errorText(errors: ErrorCounts): string {
  const total = errorTotal(errors);
  if (total === 0) return "";
  const kinds = Object.entries(errors).map(
    ([kind, rows]) => `${kind} ${rows.toLocaleString("en")}`,
  );
  return `${total.toLocaleString("en")} error${total === 1 ? "" : "s"} (${kinds.join(", ")})`;
}

/** Whether a finished task is to be done again because of the errors among its rows. */
export function isToBeRetried(
  { files, finishedAt }: { readonly files: readonly TellingPart[]; readonly finishedAt: string },
  { kinds, beforeMs }: RetryPolicy,
): boolean {
  if (Date.parse(finishedAt) >= beforeMs) return false;
  const errors = errorsIn(files);
  return kinds.some((kind) => (errors[kind] ?? 0) > 0);
}
