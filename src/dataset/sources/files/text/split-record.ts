import type { CsvSettings } from "../settings.ts";

/** The fields of a CSV record, or why it is invalid. */
export type Split =
  | { readonly fields: readonly string[] }
  | { readonly fault: string; /** It may continue in the next line. */ readonly isOpen: boolean };

/** How the fields of a CSV file are separated and quoted. */
export interface FieldSyntax {
  readonly delimiter: string;
  /** The character around quoted fields; null: the file has none. */
  readonly quote: string | null;
  /** What makes a quote inside a quoted field literal: the quote itself, doubled, or another character before it. */
  readonly escape: string | null;
}

/** Double quotes, doubled inside a field (RFC 4180). */
export const standardQuoting = { quote: '"', escape: "doubled" } as const;

/** The quoting that settings give. */
export function quotingOf({
  quote,
  escape,
}: Pick<CsvSettings, "quote" | "escape">): Pick<FieldSyntax, "quote" | "escape"> {
  if (quote === "none") return { quote: null, escape: null };
  return { quote, escape: escape === "doubled" ? quote : escape };
}

/**
 * Splits a CSV record: a field that starts with a quote ends with one, and quotes inside it are escaped; in other fields a quote is an
 * ordinary character.
 */
export function splitRecord(text: string, { delimiter, quote, escape }: FieldSyntax): Split {
  if (quote === null || escape === null || !text.includes(quote)) {
    return { fields: text.split(delimiter) };
  }
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    if (text[at] !== quote) {
      const end = text.indexOf(delimiter, at);
      fields.push(end === -1 ? text.slice(at) : text.slice(at, end));
      if (end === -1) return { fields };
      at = end + delimiter.length;
      continue;
    }
    const end = closingQuote(text, at + 1, quote, escape);
    if (end === -1) return { fault: "a quote is never closed", isOpen: true };
    fields.push(unescaped(text.slice(at + 1, end), quote, escape));
    if (end + 1 === text.length) return { fields };
    if (!text.startsWith(delimiter, end + 1)) {
      return { fault: "text follows a closing quote", isOpen: false };
    }
    at = end + 1 + delimiter.length;
  }
}

function closingQuote(text: string, start: number, quote: string, escape: string): number {
  if (escape === quote) {
    let at = text.indexOf(quote, start);
    while (at !== -1 && text[at + 1] === quote) at = text.indexOf(quote, at + 2);
    return at;
  }
  for (let at = start; at < text.length; at++) {
    if (text[at] === escape) at++;
    else if (text[at] === quote) return at;
  }
  return -1;
}

/** Escaped quotes and escaped escapes as the characters they stand for; before any other character an escape is kept. */
function unescaped(text: string, quote: string, escape: string): string {
  if (escape === quote) return text.replaceAll(quote + quote, quote);
  let plain = "";
  let at = 0;
  for (;;) {
    const next = text.indexOf(escape, at);
    if (next === -1 || next === text.length - 1) return plain + text.slice(at);
    const escaped = text[next + 1];
    const isEscape = escaped === quote || escaped === escape;
    plain += text.slice(at, isEscape ? next : next + 1) + (escaped ?? "");
    at = next + 2;
  }
}
