import { open, type FileHandle } from "node:fs/promises";
import { basename } from "node:path";
import { elements } from "../../base/element-count.ts";
import { externalTensor, storedTensor, type ExternalData } from "../format/model-messages.ts";
import type { StoredTensor } from "../format/model-reader.ts";
import type { MessageWriter } from "../format/protobuf-writer.ts";
import type { QuantizedWeights } from "./quantize-weights.ts";

/** Values read at a time, unless a row has more. */
const blockValues = 4 * 1024 * 1024;
const blockBytes = 4 * blockValues;
const alignment = 64;

/** Reads the values of a model's constants, wherever they are. */
export interface WeightReader {
  /** The float32 values in blocks of whole rows of `columns`. */
  readonly blocks: (weight: StoredTensor, columns: number) => AsyncGenerator<Float32Array>;
  /** The bytes of the values, in pieces; those that reach to the end of their file end there. */
  readonly bytes: (weight: StoredTensor) => AsyncGenerator<Uint8Array>;
  /** The bytes of a part of the model file. */
  readonly part: (place: StoredTensor["place"]) => Promise<Uint8Array>;
  readonly close: () => Promise<void>;
}

/** @param model - file of the model, absolute */
export function weightReader(model: string): WeightReader {
  const handles = new Map<string, Promise<FileHandle>>();
  const opened = (file: string): Promise<FileHandle> => {
    const opening = handles.get(file) ?? open(file);
    handles.set(file, opening);
    return opening;
  };
  const read = async (file: string, start: number, bytes: number): Promise<Uint8Array> => {
    const handle = await opened(file);
    const buffer = new Uint8Array(bytes);
    for (let done = 0; done < bytes;) {
      const { bytesRead } = await handle.read(buffer, done, bytes - done, start + done);
      if (bytesRead === 0) throw new Error(`${file} ends early`);
      done += bytesRead;
    }
    return buffer;
  };
  return {
    blocks: async function* ({ name, shape, values }, columns) {
      if (values === null) throw new Error(`the values of ${name} are not stored as raw data`);
      const total = elements(shape);
      const rows = Math.max(1, Math.floor(blockValues / columns));
      for (let at = 0; at < total; at += rows * columns) {
        const count = Math.min(rows * columns, total - at);
        const bytes = await read(values.file, values.offset + at * 4, count * 4);
        yield new Float32Array(bytes.buffer, 0, count);
      }
    },
    bytes: async function* ({ name, values }) {
      if (values === null) throw new Error(`the values of ${name} are not stored as raw data`);
      const { file, offset } = values;
      const end = offset + (values.bytes ?? (await (await opened(file)).stat()).size - offset);
      for (let at = offset; at < end; at += blockBytes) {
        yield read(file, at, Math.min(blockBytes, end - at));
      }
    },
    part: ({ start, end }) => read(model, start, end - start),
    close: async () => {
      for (const handle of handles.values()) await (await handle).close();
    },
  };
}

/** Writes constants to the file beside a model, one after the other. */
export interface WeightWriter {
  /** Integers and scales of a matrix `[rows, columns]`, given in blocks of rows; their messages, for the model. */
  readonly add: (
    name: string,
    shape: readonly number[],
    blocks: AsyncIterable<QuantizedWeights>,
  ) => Promise<{ readonly values: MessageWriter; readonly scales: Float32Array }>;
  /** Values as they are. */
  readonly copy: (
    constant: Pick<StoredTensor, "name" | "type" | "shape">,
    bytes: AsyncIterable<Uint8Array>,
  ) => Promise<MessageWriter>;
  readonly close: () => Promise<void>;
}

/** @param file - of the weights, absolute; it is written anew */
export async function weightWriter(file: string): Promise<WeightWriter> {
  const handle = await open(file, "w");
  let size = 0;
  const write = async (bytes: Uint8Array): Promise<void> => {
    await handle.writeFile(bytes);
    size += bytes.byteLength;
  };
  const start = async (): Promise<ExternalData> => {
    await write(new Uint8Array((alignment - (size % alignment)) % alignment));
    return { location: basename(file), offset: size };
  };
  return {
    add: async (name, shape, blocks) => {
      const place = await start();
      const scales: number[] = [];
      for await (const block of blocks) {
        await write(new Uint8Array(block.values.buffer));
        for (const scale of block.scales) scales.push(scale);
      }
      return {
        values: externalTensor(name, "int8", shape, place),
        scales: Float32Array.from(scales),
      };
    },
    copy: async (constant, bytes) => {
      const place = await start();
      for await (const piece of bytes) await write(piece);
      return storedTensor(constant, { ...place, length: size - place.offset });
    },
    close: async () => {
      await handle.sync();
      await handle.close();
    },
  };
}
