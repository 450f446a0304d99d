/** @file Texts from files, models and servers, made safe for a terminal, which acts on control characters. */

/** Control characters but tab and line feed, and those that turn the direction of what follows. */
const acting = /[^\P{Cc}\t\n]|[\u202a-\u202e\u2066-\u2069]/gu;
const breaking = /[\t\n]/g;

/** The text with each character that a terminal would act on replaced; lines and tabs stay. */
export function printable(text: string): string {
  return text.replace(acting, "\uFFFD");
}

/** {@link printable} on one line. */
export function printableLine(text: string): string {
  return printable(text).replace(breaking, "\uFFFD");
}

/** Plain data with {@link printable} texts, also as keys. */
export function printableMembers<T>(value: T): T {
  return members(value) as T; // of the same shape: only texts change
}

function members(value: unknown): unknown {
  if (typeof value === "string") return printable(value);
  if (Array.isArray(value)) return value.map(members);
  if (
    value === null ||
    typeof value !== "object" ||
    Object.getPrototypeOf(value) !== Object.prototype
  ) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [printable(key), members(member)]),
  );
}

/** Text of JSON, whose strings hold the same characters as escapes that no terminal acts on. */
export function printableJson(json: string): string {
  return json.replace(acting, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
