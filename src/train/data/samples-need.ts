import type { MemoryNeed } from "../../base/memory-budget.ts";
import { elements } from "../../base/element-count.ts";
import { inputSpecs, sampleNames } from "../engine/model-inputs.ts";
import type { SampleFacts } from "./samples.ts";
import { splitNames } from "./sample-split.ts";

/**
 * What the samples need in memory: their columns, and an epoch's order.
 *
 * @param memoryRows - Most rows in memory
 */
export function samplesNeed(
  { sizes, history, isWeighted }: Pick<SampleFacts, "sizes" | "history" | "isWeighted">,
  memoryRows: number,
): MemoryNeed {
  const rows = splitNames.reduce((sum, split) => sum + sizes[split].rows, 0);
  const numbers = inputSpecs({ history, isWeighted, attributeSlots: [], batchSize: 1 }, sampleNames);
  // User, place and the row's place in the epoch's order; all numbers have four bytes.
  const bytesPerRow = 4 * numbers.reduce((sum, { shape }) => sum + elements(shape), 3);
  return {
    what: "the samples",
    bytes: bytesPerRow * Math.min(rows, memoryRows),
    cure: (free) => {
      const fit = Math.floor(free / bytesPerRow);
      return fit >= 16 ? `train.memoryRows: ${fit}` : null;
    },
  };
}
