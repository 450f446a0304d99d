/** Whether a text is a web page, or another document in markup. */
export function isWebPage(text: string): boolean {
  return /^\s*<(?:!doctype|html|head|body|\?xml|[a-z!])/i.test(text);
}

/** The title of a web page, for messages; to go last, as for a quoted body. */
export function pageTitle(text: string): string {
  const title = /<title[^>]*>([^<]*)<\/title>/i.exec(text)?.[1]?.replace(/\s+/g, " ").trim() ?? "";
  return title === "" ? "a web page" : `a web page, “${title}”`;
}
