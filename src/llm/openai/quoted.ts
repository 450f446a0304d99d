/** Far more than a message shows: secrets are removed from it before it is cut to what is shown, so that no part of one is left. */
const mostCharacters = 20_000;

/** A body as a message quotes it; to go last in the message, whose end is cut off. */
export function quoted(body: unknown): string {
  if (body === undefined) return "nothing";
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return text.slice(0, mostCharacters);
}
