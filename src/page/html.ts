/** Markup that needs no further escaping. Made by {@link html}, or by {@link trustedHtml} from text of our own making. */
export interface Html {
  readonly markup: string;
}

/** What may stand in a hole of {@link html}: text is escaped, null is nothing, lists are joined. */
export type HtmlValue = string | number | Html | null | readonly HtmlValue[];

/** A piece of a page. Every text put in is escaped, so data cannot become markup, in element content or in quoted attributes. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  const parts = strings.map((text, index) =>
    index === 0 ? text : markupOf(values[index - 1] ?? null) + text,
  );
  return { markup: parts.join("") };
}

/** Takes markup as it is. Never for data. */
export function trustedHtml(markup: string): Html {
  return { markup };
}

/** A text safe in element content and in quoted attributes. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

function markupOf(value: HtmlValue): string {
  if (value === null) return "";
  if (typeof value === "string") return escapeHtml(value);
  if (typeof value === "number") return String(value);
  return "markup" in value ? value.markup : value.map(markupOf).join("");
}
