/** @file Reads the weights of a TensorFlow.js graph model from its `model.json` and shard files. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { elements } from "../../base/element-count.ts";
import { FlowError, reasonOf } from "../../base/errors.ts";

/** One named weight, row-major. */
export interface TfjsWeight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

const modelJson = z.object({
  weightsManifest: z.array(
    z.object({
      paths: z.array(z.string()),
      weights: z.array(
        z.object({
          name: z.string(),
          shape: z.array(z.number().int().nonnegative()),
          dtype: z.enum(["float32", "int32"]),
          quantization: z.undefined().optional(),
        }),
      ),
    }),
  ),
});

/**
 * All weights of the model in `folder`.
 *
 * @throws FlowError `DEPENDENCY_MISSING` when a file is absent, cut short or of another layout
 */
export async function readTfjsWeights(folder: string): Promise<readonly TfjsWeight[]> {
  try {
    const text = await readFile(path.join(folder, "model.json"), "utf8");
    const model = modelJson.parse(JSON.parse(text));
    const groups = model.weightsManifest.map(async (group) => {
      const shards = await Promise.all(
        group.paths.map((shard) => readFile(path.join(folder, shard))),
      );
      return cutWeights(Buffer.concat(shards), group.weights);
    });
    return (await Promise.all(groups)).flat();
  } catch (error) {
    throw new FlowError(
      "DEPENDENCY_MISSING",
      `${folder}: cannot read the encoder's weights (${reasonOf(error)}); reinstall the package`,
      { cause: error },
    );
  }
}

function cutWeights(
  bytes: Uint8Array,
  specs: z.infer<typeof modelJson>["weightsManifest"][number]["weights"],
): readonly TfjsWeight[] {
  let offset = 0;
  const weights = specs.map(({ name, shape, dtype }) => {
    const length = elements(shape);
    const own = bytes.slice(offset, offset + length * 4); // a copy starts on a 4-byte boundary
    offset += length * 4;
    if (own.byteLength !== length * 4) throw new Error(`the shards end within ${name}`);
    const data =
      dtype === "float32"
        ? new Float32Array(own.buffer, own.byteOffset, length)
        : new Int32Array(own.buffer, own.byteOffset, length);
    return { name, shape, data };
  });
  if (offset !== bytes.byteLength) {
    throw new Error(`the shards hold ${bytes.byteLength} bytes, their list ${offset}`);
  }
  return weights;
}
