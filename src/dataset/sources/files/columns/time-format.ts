import { z } from "zod";

/** What may follow a percent sign in DuckDB's strptime. */
const specifier = /^-?[aAbBcdfgGHIjmMnpSuUVwWxXyYzZ]/;

/** `dataset.columns.timeFormat`: a format of strptime that has a year. */
export const timeFormat = z
  .string()
  .refine(
    (format) => specifiersOf(format).every((part) => specifier.test(part)),
    "expected a format of strptime, such as %d.%m.%Y %H:%M",
  )
  .refine(
    (format) => specifiersOf(format).some((part) => /^-?[yYGcx]/.test(part)),
    "expected a year in the format, such as %Y",
  )
  .describe(
    "Format of times that are texts or numbers of another form, as of strptime: %d.%m.%Y %H:%M, %Y%m%d, or %a %b %d %H:%M:%S %z %Y. " +
      "Without %z they are in UTC. Instead of timeUnit.",
  );

/** What follows each percent sign; a doubled one is a percent sign itself. */
function specifiersOf(format: string): readonly string[] {
  return format.replaceAll("%%", "").split("%").slice(1);
}
