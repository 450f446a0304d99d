import { FlowError } from "../../../base/errors.ts";

/** What a files source calls its settings, and what they are called here. */
const names: readonly (readonly [RegExp, string])[] = [
  [/dataset\.interactions/g, "dataset.reviews"],
  [/dataset\.items\.missing/g, "dataset.missing"],
  [/dataset\.items(\.\w+)?/g, "dataset.metadata"],
  [/dataset\.columns(\.\w+)?/g, "dataset.reviews"],
];

/** Clauses about settings that this source does not have. */
const foreign = /[;,.][^;\n]*dataset\.(csv|ids|users)\b[^;\n]*/g;

/** A message of a files source that names the settings of the Amazon source. */
export function withOwnSettings(text: string): string {
  return names.reduce(
    (done, [theirs, own]) => done.replaceAll(theirs, own),
    text.replaceAll(foreign, ""),
  );
}

/** Runs `work` on a files source; its errors name the settings of the Amazon source. */
export async function onOwnSettings<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof FlowError) || error.code !== "INPUT_INVALID") throw error;
    throw new FlowError(error.code, withOwnSettings(error.message), { cause: error });
  }
}
