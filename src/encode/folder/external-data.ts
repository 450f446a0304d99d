import { stat } from "node:fs/promises";
import path from "node:path";
import { FlowError } from "../../base/errors.ts";
import { readModel } from "./read-model.ts";

/**
 * The external files with the model's constants, and the minimum size of each in bytes; empty when all are in the model file.
 *
 * @param model - Absolute
 * @throws FlowError `INPUT_INVALID` when it is not an ONNX model
 */
export function externalData(model: string): ReadonlyMap<string, number> {
  const needed = new Map<string, number>();
  const { initializers, nodes } = readModel(model);
  const inNodes = nodes.flatMap(({ external }) => external ?? []);
  for (const { values } of [...initializers, ...inNodes]) {
    if (values?.isExternal !== true) continue;
    const end = values.offset + (values.bytes ?? 0);
    needed.set(values.file, Math.max(end, needed.get(values.file) ?? 0));
  }
  return needed;
}

/**
 * The external files with the model's weights. Checks their sizes: a weight beyond the end of its file would be read as garbage.
 *
 * @param model - absolute
 * @returns Absolute, sorted; none when the weights are in the model file
 * @throws FlowError `INPUT_INVALID` naming the file that is missing or cut short, or is no ONNX model
 */
export async function externalDataFiles(model: string): Promise<readonly string[]> {
  const needed = externalData(model);
  for (const [file, bytes] of needed) {
    const size = await stat(file).then(
      (found) => found.size,
      () => null,
    );
    if (size !== null && size >= bytes) continue;
    const state = size === null ? "is missing" : `has ${size} bytes of ${bytes}`;
    throw new FlowError(
      "INPUT_INVALID",
      `${file}: the weights of ${path.basename(model)} are in this file, which ${state}; get it again, all files of one revision`,
    );
  }
  return [...needed.keys()].sort();
}
