import { open, type FileHandle } from "node:fs/promises";
import { elements } from "../../base/element-count.ts";
import { FlowError, reasonOf } from "../../base/errors.ts";
import { ggmlFormat } from "./ggml-types.ts";
import { BytesMissing } from "./gguf-cursor.ts";
import {
  parseGgufHeader,
  type GgufHeader,
  type GgufMetadata,
  type GgufTensorEntry,
} from "./gguf-header.ts";
import { readExactly, readNumbers } from "./read-numbers.ts";
import type { TensorSource } from "./tensor-source.ts";

/** An open GGUF file, whose tensors have the file's names and order of rows. */
export interface GgufFile extends TensorSource {
  readonly path: string;
  readonly metadata: GgufMetadata;
  readonly names: readonly string[];
}

/** What the header of a GGUF file says; its tensors may be of types that cannot be read. */
export async function openGgufHeader(
  path: string,
): Promise<Pick<GgufFile, "path" | "metadata" | "shapeOf">> {
  const handle = await openForReading(path);
  try {
    const { size } = await handle.stat();
    const { metadata, tensors } = await readHeader(handle, path, size);
    const shapes = new Map(tensors.map(({ name, shape }) => [name, shape]));
    return { path, metadata, shapeOf: (name) => shapes.get(name) };
  } finally {
    await handle.close();
  }
}

function openForReading(path: string): Promise<FileHandle> {
  return open(path).catch((cause: unknown) => {
    throw new FlowError("INPUT_INVALID", `${path}: cannot be opened (${reasonOf(cause)})`, {
      cause,
    });
  });
}

/** Bytes of a header that are read at first, and at most. */
const firstBytes = 1 << 22;
const mostBytes = 1 << 28;

/**
 * Opens a GGUF file and reads its header; tensors are read, and decoded to float32, when they are asked for. The caller closes it.
 *
 * @throws FlowError `INPUT_INVALID` naming the file, and the tensor where it is one
 */
export async function openGguf(path: string): Promise<GgufFile> {
  const handle = await openForReading(path);
  try {
    const { size } = await handle.stat();
    const { metadata, tensors, dataStart } = await readHeader(handle, path, size);
    const byName = new Map(tensors.map((entry) => [entry.name, entry]));
    checkPlaces(tensors, size - dataStart, path);
    return {
      ...{ path, metadata, names: [...byName.keys()] },
      shapeOf: (name) => byName.get(name)?.shape,
      read: async (name) => {
        const entry = byName.get(name);
        const whose = `${path}: tensor "${name}"`;
        if (entry === undefined) throw new FlowError("INPUT_INVALID", `${whose} is not there`);
        return readNumbers({
          ...{ handle, whose },
          position: dataStart + entry.offset,
          format: ggmlFormat(entry.type, whose),
          count: elements(entry.shape),
        });
      },
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function readHeader(handle: FileHandle, path: string, size: number): Promise<GgufHeader> {
  for (let length = firstBytes; ; length *= 4) {
    const bytes = Buffer.alloc(Math.min(length, size));
    await readExactly(handle, bytes, 0, path);
    try {
      return parseGgufHeader(bytes, path);
    } catch (error) {
      if (!(error instanceof BytesMissing)) throw error;
      if (bytes.length === size || length >= mostBytes) {
        throw new FlowError(
          "INPUT_INVALID",
          `${path}: the header ends after byte ${bytes.length}: the file is cut off or damaged, fetch it again`,
        );
      }
    }
  }
}

/** Checks that all types can be read, and that the tensors are in the file and do not overlap. */
function checkPlaces(tensors: readonly GgufTensorEntry[], dataBytes: number, path: string): void {
  let at = 0;
  for (const { name, type, shape, offset } of tensors.toSorted((a, b) => a.offset - b.offset)) {
    const whose = `${path}: tensor "${name}"`;
    const { blockSize, blockBytes } = ggmlFormat(type, whose);
    const blocks = elements(shape) / blockSize;
    const end = offset + blocks * blockBytes;
    if (!Number.isInteger((shape.at(-1) ?? 1) / blockSize)) {
      throw new FlowError("INPUT_INVALID", `${whose}: its rows are not whole blocks`);
    }
    if (offset < at || end > dataBytes) {
      throw new FlowError(
        "INPUT_INVALID",
        `${whose} is at bytes ${offset} to ${end} of ${dataBytes}: the file is cut off or damaged, fetch it again`,
      );
    }
    at = end;
  }
}
