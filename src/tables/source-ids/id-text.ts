/** @file Ids of files that users bring, as the texts that dictionaries hold. */
import { quoteName } from "../quote.ts";

/**
 * SQL for an id in a file's column as text, as the file has it; whole numbers have no point, also where the column holds floats. Floats that
 * may have been rounded keep their point, and so are no id of any whole number.
 *
 * @param type - The column's
 */
export function idText(column: string, type: string): string {
  const name = quoteName(column);
  const text = `cast(${name} as varchar)`;
  if (type === "FLOAT" || type === "DOUBLE") {
    return `if(${isExactWhole(name, type)}, cast(try_cast(${name} as bigint) as varchar), ${text})`;
  }
  if (type.startsWith("DECIMAL")) return plainNumber(text);
  if (type === "BLOB") return `coalesce(try(decode(${name})), ${text})`;
  return type === "JSON" ? `(${name} ->> '$')` : text;
}

/** SQL for whether a float is a whole number that its type holds exactly: a fraction or a rounded number would make one id of several. */
export function isExactWhole(column: string, type: string): string {
  return `${column} = trunc(${column}) and abs(${column}) < ${2 ** exactBits(type)}`;
}

/** Bits of the whole numbers that a floating-point type holds exactly. */
export function exactBits(type: string): number {
  return type === "FLOAT" ? 24 : 53;
}

/** SQL for the texts of a list of ids in a file's column; null where it is no list. A text may hold the list as JSON or as [a, b]. */
export function idTexts(column: string, type: string): string {
  const name = quoteName(column);
  const fromJson = (json: string): string => `try(json_transform(${json}, '["VARCHAR"]'))`;
  if (/^JSON(\[\])?$/.test(type)) return fromJson(`to_json(${name})`);
  const cast = `try_cast(${name} as varchar[])`;
  return type === "VARCHAR" ? `if(json_valid(${name}), ${fromJson(name)}, ${cast})` : cast;
}

/** SQL for a text without the spaces around it and, where it is a whole number, without zeros after a point. */
export function plainNumber(text: string): string {
  return `regexp_replace(trim(${text}), '^([-+]?[0-9]+)[.]0+$', '\\1')`;
}
