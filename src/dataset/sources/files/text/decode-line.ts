import { isUtf8 } from "node:buffer";
import type { Line } from "./read-lines.ts";
import type { CsvSettings } from "../settings.ts";

/** How texts are stored; mixed: each line that is valid in UTF-8, the others in latin-1. */
export type TextEncoding = CsvSettings["encoding"] | "mixed";

/** A line as text, and what is wrong with it. Invalid UTF-8 is shown as U+FFFD. */
export interface DecodedLine {
  readonly text: string;
  readonly fault?: string;
}

export function decodeLine({ bytes, isCut }: Line, encoding: TextEncoding): DecodedLine {
  if (isCut)
    return { text: bytes.toString("latin1", 0, 200), fault: "the line is longer than 1 MiB" };
  if (encoding === "latin-1") return { text: bytes.toString("latin1") };
  const text = bytes.toString("utf8");
  if (isUtf8(bytes)) return { text };
  if (encoding === "mixed") return { text: bytes.toString("latin1") };
  return { text, fault: "the line is not valid UTF-8" };
}
