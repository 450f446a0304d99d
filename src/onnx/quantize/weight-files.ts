import { open, type FileHandle } from "node:fs/promises";
import { basename } from "node:path";
import { elements } from "../../base/element-count.ts";
import { externalTensor, storedTensor, type ExternalData } from "../format/model-messages.ts";
import type { StoredTensor } from "../format/model-reader.ts";
import type { MessageWriter } from "../format/protobuf-writer.ts";
import type { QuantizedWeights } from "./quantize-weights.ts";

/** Values per read, unless a row has more. */
const blockValues = 4 * 1024 * 1024;
const blockBytes = 4 * blockValues;
const alignment = 64;

/** Reads the values of a model's constants, inside the model file or next to it. */
export interface WeightReader {
  /** The float32 values, in blocks of whole rows of `columns`. */
  readonly blocks: (weight: StoredTensor, columns: number) => AsyncGenerator<Float32Array>;
  /** The bytes of the values, in pieces. */
  readonly bytes: (weight: StoredTensor) => AsyncGenerator<Uint8Array>;
  /** A range of bytes of the model file. */
  readonly part: (place: StoredTensor["place"]) => Promise<Uint8Array>;
  readonly close: () => Promise<void>;
}

/** @param model - Model file, absolute path */
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

/** Writes constants, one after the other, to the file next to a model. */
export interface WeightWriter {
  /** Writes the integers of a matrix `[rows, columns]`, given in blocks of rows. Returns their message and the scales. */
  readonly add: (
    name: string,
    shape: readonly number[],
    blocks: AsyncIterable<QuantizedWeights>,
  ) => Promise<{ readonly values: MessageWriter; readonly scales: Float32Array }>;
  /** Writes values unchanged. Returns their message. */
  readonly copy: (
    constant: Pick<StoredTensor, "name" | "type" | "shape">,
    bytes: AsyncIterable<Uint8Array>,
  ) => Promise<MessageWriter>;
  readonly close: () => Promise<void>;
}

/** @param file - Weights file, absolute path; overwritten */
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
