/** @file What a server of embeddings means by refusing a request: its settings, or the size of what it was sent. */
import { TransportError } from "../chat.ts";
import type { EmbeddingSettings } from "../settings.ts";

const sizeWords = [
  /\btoo (?:large|long|big|many tokens)\b/i,
  /\bexceed(?:s|ed|ing)?\b.*\b(?:length|size|tokens?|context|characters)\b/i,
  /\b(?:maximum|max|available|model'?s?) (?:context|sequence|input|token|prompt)\b/i,
  /\b(?:context|sequence|input) (?:length|size|window)\b/i,
  /\b(?:token|length) limit\b/i,
  /\bphysical batch size\b/i,
  /\banswered 413\b/,
];

/** Whether a server's reason says that a text, or the texts together, are too large for it. */
export function isAboutSize(reason: string): boolean {
  return sizeWords.some((words) => words.test(reason));
}

type SentFields = Pick<EmbeddingSettings, "encodingFormat" | "dimensions" | "extra">;

/** How to leave out the field that a server's reason names, if it names one that every request has; null otherwise. */
function fieldCure(
  reason: string,
  { encodingFormat, dimensions, extra }: SentFields,
): string | null {
  if (encodingFormat === "base64" && /base64|encoding_format/i.test(reason)) {
    return "set encode.remote.encodingFormat: float";
  }
  if (dimensions !== undefined && /\bdimensions?\b|matryoshka/i.test(reason)) {
    return "leave encode.remote.dimensions out";
  }
  const field = Object.keys(extra).find((name) => reason.includes(name));
  return field === undefined ? null : `leave encode.remote.extra.${field} out`;
}

/**
 * A failed attempt as it counts for texts. Some servers answer 500 to texts that are too large, which no other attempt would change.
 *
 * @param hasAnswered - Whether the server has answered with these settings, which are then no reason
 */
export function refusalOf(error: unknown, sent: SentFields, hasAnswered: boolean): unknown {
  if (!(error instanceof TransportError)) return error;
  const { fault, message } = error;
  if (fault.kind === "transient" && /\banswered 5\d\d: /.test(message) && isAboutSize(message)) {
    const reason = message.replace(/^.*? answered /, "the server answered ");
    return new TransportError({ kind: "prompt", fault: "rejected" }, reason);
  }
  if (fault.kind !== "prompt" || hasAnswered) return error;
  const cure = fieldCure(message, sent);
  if (cure === null) return error;
  return new TransportError(
    { kind: "fatal" },
    `every request has a field that the server refuses: ${cure}. ${message[0]?.toUpperCase() ?? ""}${message.slice(1)}`,
  );
}
