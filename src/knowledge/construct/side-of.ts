import { sha256 } from "../../base/sha256.ts";
import type { Subject } from "../../base/terms.ts";

/** Hexadecimal digits of a hash that a number holds exactly. */
const digits = 12;

/**
 * The side of a subject's rows: for validation where the hash of its id falls into the first `share`. The same in every table, and
 * with a greater share nobody goes back to training.
 *
 * @param share - 0 to 1; about this share of many subjects is for validation
 */
export function sideOf(subject: Subject, id: number, share: number): "train" | "valid" {
  const place = Number.parseInt(sha256(`${subject} ${id}`).slice(0, digits), 16) / 16 ** digits;
  return place < share ? "valid" : "train";
}
