/** @file Decides how a column of times is read, from what all of its values look like. */
import { FlowError } from "../../../../base/errors.ts";
import type { TimeReading } from "./time-value.ts";

/** Times of one form, as `source/value_forms` counts them. */
export interface TimeForm {
  readonly form: string;
  readonly rows: number;
  /** Of the numbers. */
  readonly least: number;
  readonly most: number;
  /** The first of them with its place, for messages. */
  readonly first: () => Promise<string>;
}

/** Forms that can be read, and how. A number that has none of them is no plausible time. */
const readings: Readonly<Record<string, { readonly reading: TimeReading; readonly text: string }>> =
  {
    s: epoch("s", "seconds since 1970"),
    ms: epoch("ms", "milliseconds since 1970"),
    us: epoch("us", "microseconds since 1970"),
    ns: epoch("ns", "nanoseconds since 1970"),
    day: { reading: { how: "format", format: "%Y%m%d" }, text: "dates such as 20200131" },
    minute: {
      reading: { how: "format", format: "%Y%m%d%H%M" },
      text: "times such as 202001311200",
    },
    second: {
      reading: { how: "format", format: "%Y%m%d%H%M%S" },
      text: "times such as 20200131120000",
    },
    text: { reading: { how: "iso" }, text: "texts such as 2020-01-31" },
  };

/** Share of the times that may be of another form: these rows are bad. More are a second form, which only the user can explain. */
const mostOthers = 0.01;

/**
 * How to read a column whose times have these forms.
 *
 * @param column - For messages: setting, column and file
 * @throws `INPUT_INVALID` if most numbers are no plausible times, or if there are times of two forms
 */
export async function readingOf(forms: readonly TimeForm[], column: string): Promise<TimeReading> {
  const times = forms.reduce((sum, { rows }) => sum + rows, 0);
  const known = forms.filter(({ form }) => form in readings).toSorted((a, b) => b.rows - a.rows);
  const [most, second] = known;
  const likely = most?.rows ?? 0;
  const formOf = (name: string): TimeForm | undefined => forms.find(({ form }) => form === name);
  const [numbers, others] = [formOf("number"), formOf("other")];
  // Texts in a form that is not known are bad rows, which say what to do.
  if (others !== undefined && others.rows > Math.max(likely, numbers?.rows ?? 0)) {
    return { how: "iso" };
  }
  if (numbers !== undefined && numbers.rows > likely) throw await implausible(numbers, column);
  if (second !== undefined && second.rows >= mostOthers * times) throw await mixed(known, column);
  return (most && readings[most.form]?.reading) ?? { how: "iso" };
}

async function implausible(numbers: TimeForm, column: string): Promise<FlowError> {
  const { least, most } = numbers;
  const range = least === most ? `${least}` : `${least} to ${most}`;
  return new FlowError(
    "INPUT_INVALID",
    `${column} holds ${numbers.rows.toLocaleString("en")} numbers (${range}) that are no times from 1990 to tomorrow, ` +
      `neither in seconds nor in milliseconds, microseconds or nanoseconds since 1970; the first is ${await numbers.first()}.${guess(numbers)}\n` +
      "Say how they are read: --set dataset.columns.timeUnit=s, ms, us, ns or excel (days since 1899-12-30), " +
      "or dataset.columns.timeFormat=FORMAT, such as %Y%m%d for 20200131. " +
      "Where they are no times at all, dataset.columns.timeUnit=order takes the rows in their order.",
  );
}

async function mixed(forms: readonly TimeForm[], column: string): Promise<FlowError> {
  const kinds: string[] = [];
  for (const { form, rows, first } of forms) {
    const text = readings[form]?.text ?? form;
    kinds.push(`  ${rows.toLocaleString("en")} ${text}, the first ${await first()}`);
  }
  return new FlowError(
    "INPUT_INVALID",
    `${column} holds times of several forms:\n${kinds.join("\n")}\n` +
      "Write them alike, or set dataset.columns.timeUnit or dataset.columns.timeFormat: then all are read in that form.",
  );
}

/** What such numbers often are; empty if nothing comes to mind. */
function guess({ least, most }: TimeForm): string {
  const lie = (from: number, to: number): boolean => from <= least && most <= to;
  if (lie(101, 1231)) return " They look like months and days without a year (MMDD).";
  if (lie(1900, 2100)) return " They look like years: dataset.columns.timeFormat=%Y.";
  if (lie(190001, 210012)) return " They look like months: dataset.columns.timeFormat=%Y%m.";
  if (lie(32874, 73050))
    return " They look like the days of a spreadsheet: dataset.columns.timeUnit=excel.";
  if (lie(1_990_010_100, 2_100_000_000)) {
    return " They look like hours written as YYYYMMDDHH: dataset.columns.timeFormat=%Y%m%d%H.";
  }
  return "";
}

function epoch(
  unit: "s" | "ms" | "us" | "ns",
  text: string,
): { readonly reading: TimeReading; readonly text: string } {
  return { reading: { how: "epoch", unit, isDetected: true }, text };
}
