/** Escaped markup. Made by {@link html}, or by {@link trustedHtml} from our own text. */
export interface Html {
  readonly markup: string;
}

/** What {@link html} interpolates: text is escaped, null is left out, lists are joined. */
export type HtmlValue = string | number | Html | null | readonly HtmlValue[];

/** A piece of a page. All interpolated text is escaped, so data cannot become markup, neither in elements nor in quoted attributes. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  const parts = strings.map((text, index) =>
    index === 0 ? text : markupOf(values[index - 1] ?? null) + text,
  );
  return { markup: parts.join("") };
}

/** Marks text as markup without escaping it. Never use it on data. */
export function trustedHtml(markup: string): Html {
  return { markup };
}

/** Safe in elements and in quoted attributes. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

function markupOf(value: HtmlValue): string {
  if (value === null) return "";
  if (typeof value === "string") return escapeHtml(value);
  if (typeof value === "number") return String(value);
  return "markup" in value ? value.markup : value.map(markupOf).join("");
}
