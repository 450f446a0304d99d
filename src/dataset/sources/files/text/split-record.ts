/** The fields of a CSV record, or why it is invalid. */
export type Split =
  | { readonly fields: readonly string[] }
  | { readonly fault: string; /** It may continue in the next line. */ readonly isOpen: boolean };

/**
 * Splits a CSV record as RFC 4180 defines it: a field that starts with a quote ends with one, and quotes inside it are doubled; in other
 * fields a quote is an ordinary character.
 */
export function splitRecord(text: string, delimiter: string): Split {
  if (!text.includes('"')) return { fields: text.split(delimiter) };
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    if (text[at] !== '"') {
      const end = text.indexOf(delimiter, at);
      fields.push(end === -1 ? text.slice(at) : text.slice(at, end));
      if (end === -1) return { fields };
      at = end + delimiter.length;
      continue;
    }
    const end = closingQuote(text, at + 1);
    if (end === -1) return { fault: "a quote is never closed", isOpen: true };
    fields.push(text.slice(at + 1, end).replaceAll('""', '"'));
    if (end + 1 === text.length) return { fields };
    if (!text.startsWith(delimiter, end + 1)) {
      return { fault: "text follows a closing quote", isOpen: false };
    }
    at = end + 1 + delimiter.length;
  }
}

function closingQuote(text: string, start: number): number {
  let at = text.indexOf('"', start);
  while (at !== -1 && text[at + 1] === '"') at = text.indexOf('"', at + 2);
  return at;
}
