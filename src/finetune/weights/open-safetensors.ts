import { open, type FileHandle } from "node:fs/promises";
import path from "node:path";
import { elements } from "../../base/element-count.ts";
import { FlowError, reasonOf } from "../../base/errors.ts";
import {
  lengthBytes,
  notSafetensors,
  parseSafetensorsHeader,
  type SafetensorsEntry,
} from "../../optim/safetensors-header.ts";
import type { NamedTensor } from "../../optim/safetensors.ts";
import { plainFormats } from "./number-format.ts";
import { readExactly, readNumbers } from "./read-numbers.ts";
import type { TensorSource } from "./tensor-source.ts";
import { indexFile, readWeightIndex, wholeFile } from "./weight-index.ts";

/** The longest header that the format allows. */
const mostHeaderBytes = 100_000_000;

type TensorType = keyof typeof plainFormats;

interface OpenFile {
  readonly file: string;
  readonly handle: FileHandle;
  /** Where the numbers begin. */
  readonly dataStart: number;
  readonly entries: ReadonlyMap<string, SafetensorsEntry<TensorType>>;
}

/**
 * Opens the weights of a folder as on the Hugging Face hub: `model.safetensors`, or several files with
 * `model.safetensors.index.json`. Reads only the headers; the caller closes it.
 *
 * @throws FlowError `INPUT_INVALID` naming the file, and the tensor where it is one
 */
export async function openSafetensors(folder: string): Promise<TensorSource> {
  const index = await readWeightIndex(folder);
  const names = index === null ? [wholeFile] : [...new Set(index.values())].sort();
  const files: OpenFile[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(files.map(({ handle }) => handle.close()));
  };
  try {
    for (const name of names) files.push(await openFile(path.join(folder, name)));
    const tensors = new Map(
      files.flatMap((file) =>
        [...file.entries.values()].map((entry) => [entry.name, { file, entry }] as const),
      ),
    );
    for (const [name, file] of index ?? []) {
      if (tensors.get(name)?.file.file !== path.join(folder, file)) {
        throw new FlowError(
          "INPUT_INVALID",
          `${path.join(folder, file)}: has no tensor "${name}", which ${indexFile} says it has: fetch both again`,
        );
      }
    }
    return {
      shapeOf: (name) => tensors.get(name)?.entry.shape,
      read: async (name) => {
        const found = tensors.get(name);
        if (found === undefined) {
          throw new FlowError("INPUT_INVALID", `${folder}: there is no tensor "${name}"`);
        }
        return readEntry(found.file, found.entry);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openFile(file: string): Promise<OpenFile> {
  const handle = await open(file).catch((cause: unknown) => {
    throw new FlowError(
      "INPUT_INVALID",
      `${file}: cannot be opened (${reasonOf(cause)}). Weights are in ${wholeFile}, or in the files that ${indexFile} names`,
      { cause },
    );
  });
  try {
    const { size } = await handle.stat();
    if (size < lengthBytes) throw notSafetensors(file, `${size} bytes`);
    const length = Buffer.alloc(lengthBytes);
    await readExactly(handle, length, 0, file);
    const headerBytes = Number(length.readBigUInt64LE());
    const dataStart = lengthBytes + headerBytes;
    if (dataStart > size || headerBytes > mostHeaderBytes) {
      throw notSafetensors(file, `the header ends after the file (${size} bytes)`);
    }
    const json = Buffer.alloc(headerBytes);
    await readExactly(handle, json, lengthBytes, file);
    const { entries } = parseSafetensorsHeader<TensorType>(json.toString("utf8"), {
      whose: file,
      dataBytes: size - dataStart,
      typeBytes: { F32: 4, F16: 2, BF16: 2 },
      otherType: `is not a tensor of ${Object.keys(plainFormats).join(", ")}: take weights of one of these types`,
    });
    return { file, handle, dataStart, entries: new Map(entries.map((one) => [one.name, one])) };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/**
 * Reads one file whole, as float32.
 *
 * @returns Its tensors, in storage order
 * @throws FlowError `INPUT_INVALID` naming the file, and the tensor where it is one
 */
export async function readSafetensors(file: string): Promise<readonly NamedTensor[]> {
  const opened = await openFile(file);
  try {
    const tensors: NamedTensor[] = [];
    for (const entry of opened.entries.values()) {
      const { name, shape } = entry;
      tensors.push({ name, shape, values: await readEntry(opened, entry) });
    }
    return tensors;
  } finally {
    await opened.handle.close();
  }
}

function readEntry(
  { file, handle, dataStart }: OpenFile,
  { name, type, shape, start }: SafetensorsEntry<TensorType>,
): Promise<Float32Array<ArrayBuffer>> {
  return readNumbers({
    ...{ handle, whose: `${file}: tensor "${name}"` },
    position: dataStart + start,
    format: plainFormats[type],
    count: elements(shape),
  });
}
