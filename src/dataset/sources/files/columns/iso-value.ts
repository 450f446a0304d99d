/** Year, month and day, and perhaps a time to a fraction of a second. */
const dateTime =
  "[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}([T ][0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?)?";

/** An offset to UTC: Z, +08, +0800, +08:00 or +08:00:00, blanks before it. */
const offset = "[ ]*([Zz]|UTC|GMT|[+-][0-9]{2}(:?[0-9]{2}(:?[0-9]{2})?)?)";

/**
 * SQL of a text such as 2020-01-31T12:00:00Z as TIMESTAMP in UTC, null for any other. Only forms that are known are read, because
 * DuckDB's own cast ignores what follows a time that it understands, an offset for example.
 */
export function isoValue(text: string): string {
  const local = `try_cast(regexp_extract(${text}, '^(${dateTime})', 1) as timestamp)`;
  const zone = `regexp_extract(${text}, '${offset}$', 1)`;
  const digits = `regexp_replace(${zone}, '[^0-9]', '', 'g')`;
  const part = (from: number): string =>
    `coalesce(try_cast(nullif(substring(${digits}, ${from}, 2), '') as bigint), 0)`;
  const seconds = `${part(1)} * 3600 + ${part(3)} * 60 + ${part(5)}`;
  const shift = `to_seconds(if(starts_with(${zone}, '-'), -1, 1) * (${seconds}))`;
  const isPossible = `${part(1)} <= 15 and ${part(3)} < 60 and ${part(5)} < 60`;
  return (
    `case when regexp_full_match(${text}, '${dateTime}') then try_cast(${text} as timestamp) ` +
    `when regexp_full_match(${text}, '${dateTime.slice(0, -1)}${offset}') and ${isPossible} then ${local} - ${shift} end`
  );
}
