/** A text with only the characters that names of variants have. */
export function toLabel(text: string): string {
  return text.replace(/[^\w.+-]+/g, "-") || "encoder";
}
