/** Characters that end a line, are invisible, or could pass for markup: written as `\uXXXX`. */
const unsafe = /[<>\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Names and values of one block; lists of objects get one line per entry. */
export type Data = Readonly<Record<string, unknown>>;

/** Fields that many blocks share, serialised once: the inside of a JSON object. */
export class WrittenFields {
  readonly text: string;

  constructor(fields: Data) {
    this.text = json(fields).slice(1, -1);
  }
}

/** An entry of a list whose first fields are {@link WrittenFields}. */
export class WrittenEntry {
  readonly text: string;

  /** @param more - Additional fields as JSON, of only numbers and our own words */
  constructor(shared: WrittenFields, more: string) {
    this.text = `{${shared.text},${more}}`;
  }
}

/**
 * Data as a part of a prompt: one JSON object between `<data>` and `</data>`.
 *
 * Titles are data, and so are texts to be judged. `<`, `>`, control, format and line-separating characters stand as `\uXXXX`, so that nothing in a title
 * can close the block, open a tag of ours or of a chat template, or begin a line. What `JSON.parse` reads back is unchanged.
 */
export function dataBlock(data: Data): string {
  const fields = Object.entries(data).map(([name, value]) => `${json(name)}: ${valueText(value)}`);
  return `<data>\n{${fields.join(",\n")}}\n</data>`;
}

function valueText(value: unknown): string {
  if (!Array.isArray(value) || value.length === 0) return json(value);
  return `[\n${value.map((entry) => json(entry)).join(",\n")}\n]`;
}

function json(value: unknown): string {
  if (value instanceof WrittenEntry) return value.text;
  return JSON.stringify(value).replace(unsafe, (character) =>
    Array.from(
      { length: character.length },
      (_, unit) => `\\u${character.charCodeAt(unit).toString(16).padStart(4, "0")}`,
    ).join(""),
  );
}
