/** @file The header of a safetensors file. Source: https://huggingface.co/docs/safetensors */
import { z } from "zod";
import type { Shape } from "../autodiff/ops.ts";
import { elements } from "../base/element-count.ts";
import { FlowError } from "../base/errors.ts";
import { jsonOrNull } from "../base/json.ts";

/** Bytes before the header, which hold its length. */
export const lengthBytes = 8;
/** The header's entry for text of one's own. */
export const metadataKey = "__metadata__";

/** Where a tensor is in a file. */
export interface SafetensorsEntry<Type extends string> {
  readonly name: string;
  readonly type: Type;
  readonly shape: Shape;
  /** First byte and the byte after the last, counted from the beginning of the numbers. */
  readonly start: number;
  readonly end: number;
}

export interface SafetensorsHeader<Type extends string> {
  /** In storage order. */
  readonly entries: readonly SafetensorsEntry<Type>[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** What to expect of a header. */
export interface HeaderExpectation<Type extends string> {
  /** The file's path, for errors. */
  readonly whose: string;
  /** Bytes of the file after the header. */
  readonly dataBytes: number;
  /** Bytes of a number, by the types that may occur. */
  readonly typeBytes: Readonly<Record<Type, number>>;
  /** What else is said of a tensor of another type, such as "is not a float32 tensor". */
  readonly otherType: string;
}

const headerSchema = z.looseObject({
  [metadataKey]: z.record(z.string(), z.string()).default({}),
});

const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(z.int().min(0)),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
});

/** The failure of a file that is no complete safetensors file. */
export function notSafetensors(whose: string, why: string, cause?: unknown): FlowError {
  return new FlowError("INPUT_INVALID", `${whose}: not a complete safetensors file: ${why}`, {
    cause,
  });
}

/**
 * Reads a header: every byte of the numbers must belong to exactly one tensor, as the format demands.
 *
 * @param json - The header without its length
 * @throws FlowError `INPUT_INVALID` naming the file and the tensor
 */
export function parseSafetensorsHeader<Type extends string>(
  json: string,
  { whose, dataBytes, typeBytes, otherType }: HeaderExpectation<Type>,
): SafetensorsHeader<Type> {
  const header = headerSchema.safeParse(jsonOrNull(json));
  if (!header.success) throw notSafetensors(whose, "the header cannot be read", header.error);
  const { [metadataKey]: metadata, ...tensors } = header.data;
  const isKnown = (type: string): type is Type => Object.hasOwn(typeBytes, type);
  const entries = Object.entries(tensors)
    .map(([name, value]): SafetensorsEntry<Type> => {
      const entry = entrySchema.safeParse(value);
      if (!entry.success || !isKnown(entry.data.dtype)) {
        throw notSafetensors(whose, `"${name}" ${otherType}`, entry.error);
      }
      const { dtype: type, shape, data_offsets: place } = entry.data;
      return { name, type, shape, start: place[0], end: place[1] };
    })
    .sort((a, b) => a.start - b.start || a.end - b.end);
  let at = 0;
  for (const { name, type, shape, start, end } of entries) {
    if (start !== at || end - start !== elements(shape) * typeBytes[type] || end > dataBytes) {
      throw notSafetensors(whose, `"${name}" is at bytes ${start} to ${end} of ${dataBytes}`);
    }
    at = end;
  }
  if (at !== dataBytes) throw notSafetensors(whose, "the file continues after the last tensor");
  return { entries, metadata };
}
