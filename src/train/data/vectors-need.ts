import type { MemoryNeed } from "../../base/memory-budget.ts";
import type { Subject } from "../../base/terms.ts";
import type { Deal } from "../variants.ts";

/** What the vectors of a table take: a row per subject, and one for those that are not known. */
export function vectorsNeed(table: string, subjects: number, width: number): MemoryNeed {
  return { what: `the vectors of ${table}`, bytes: bytesOf(subjects, width) };
}

/** What it takes to deal vectors otherwise than each to its own. */
export function dealtNeed(
  deal: Deal,
  subject: Subject,
  subjects: number,
  width: number,
): MemoryNeed {
  return { what: `the ${deal} ${subject} vectors`, bytes: bytesOf(subjects, width) };
}

function bytesOf(subjects: number, width: number): number {
  return (subjects + 1) * width * Float32Array.BYTES_PER_ELEMENT;
}
