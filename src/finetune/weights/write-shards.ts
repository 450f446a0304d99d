import { open, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import type { Shape } from "../../autodiff/ops.ts";
import { elements } from "../../base/element-count.ts";
import { writeDurably } from "../../base/files/durable-file.ts";
import { bytesOf, elementBytes, encodeHeader, type StoredTensor } from "../../optim/safetensors.ts";
import { toBfloat16 } from "./bfloat16.ts";

/** A tensor that is made when it is written. */
export interface LazyTensor {
  readonly name: string;
  readonly shape: Shape;
  readonly read: () => Promise<Float32Array>;
}

export interface ShardOptions {
  readonly dtype: StoredTensor["dtype"];
  /** Most bytes of numbers in a file, unless a single tensor has more. Default: 4 GiB */
  readonly mostBytes?: number;
}

const writeBytes = 1024 ** 3;

/**
 * Writes weights as Hugging Face does: `model.safetensors`, or numbered files with `model.safetensors.index.json` where one would be
 * too large. Holds one tensor at a time.
 *
 * @param folder - Must exist and have none of these files
 */
export async function writeShards(
  folder: string,
  tensors: readonly LazyTensor[],
  { dtype, mostBytes = 4 * 1024 ** 3 }: ShardOptions,
): Promise<void> {
  const sizeOf = ({ shape }: LazyTensor): number => elements(shape) * elementBytes[dtype];
  const shards: LazyTensor[][] = [];
  let room = 0;
  for (const tensor of tensors) {
    const last = shards.at(-1);
    room -= sizeOf(tensor);
    if (last !== undefined && room >= 0) last.push(tensor);
    else {
      shards.push([tensor]);
      room = mostBytes - sizeOf(tensor);
    }
  }
  const names = shards.map((_, place) => shardName(place, shards.length));
  for (const [place, shard] of shards.entries()) {
    await writeShard(join(folder, names[place] ?? ""), shard, dtype);
  }
  if (shards.length === 1) return;
  const index = {
    metadata: { total_size: tensors.reduce((sum, tensor) => sum + sizeOf(tensor), 0) },
    weight_map: Object.fromEntries(
      shards.flatMap((shard, place) => shard.map(({ name }) => [name, names[place]] as const)),
    ),
  };
  await writeDurably(
    join(folder, "model.safetensors.index.json"),
    `${JSON.stringify(index, null, 2)}\n`,
  );
}

function shardName(place: number, count: number): string {
  if (count === 1) return "model.safetensors";
  const digits = (value: number): string => String(value).padStart(5, "0");
  return `model-${digits(place + 1)}-of-${digits(count)}.safetensors`;
}

async function writeShard(
  path: string,
  tensors: readonly LazyTensor[],
  dtype: StoredTensor["dtype"],
): Promise<void> {
  const file = await open(path, "wx");
  try {
    const stored = tensors.map(({ name, shape }) => ({ name, shape, dtype }));
    await writeAll(file, encodeHeader(stored, { format: "pt" }));
    for (const { name, shape, read } of tensors) {
      const values = await read();
      if (values.length !== elements(shape)) {
        throw new Error(
          `internal: ${name} has ${values.length} numbers, not [${shape.join(", ")}]`,
        );
      }
      await writeAll(file, dtype === "F32" ? bytesOf(values) : bfloat16Bytes(values));
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

function bfloat16Bytes(values: Float32Array): Uint8Array {
  return new Uint8Array(toBfloat16(values).buffer);
}

/** Systems write at most about 2 GiB at once. */
async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; at += writeBytes) {
    await file.writeFile(bytes.subarray(at, at + writeBytes));
  }
}
