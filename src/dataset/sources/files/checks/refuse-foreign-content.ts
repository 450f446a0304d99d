import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { createGunzip } from "node:zlib";
import { FlowError } from "../../../../base/errors.ts";
import type { SourceFile } from "../find-files.ts";

/** Bytes to look at. 64 KiB. */
const lookedAt = 64 * 1024;

/** How files begin that are neither text nor what their name says, in hexadecimal, and what to say of them. */
const beginnings: readonly (readonly [string, string])[] = [
  ["425a68", "is compressed with bzip2, which is not read: unpack it, or compress it with gzip"],
  ["fd377a585a00", "is compressed with xz, which is not read: unpack it, or compress it with gzip"],
  [
    "28b52ffd",
    "is compressed with Zstandard, which is not read: unpack it, or compress it with gzip",
  ],
  ["504b0304", "is a ZIP archive or an Excel workbook: unpack it, or save it as CSV in UTF-8"],
  ["504b0506", "is an empty ZIP archive"],
  ["377abcaf271c", "is a 7z archive: unpack it"],
  ["d0cf11e0", "is an Excel workbook: save it as CSV in UTF-8"],
  ["50415231", "is a Parquet file: give it a name that ends in .parquet, and read it as Parquet"],
  ["4152524f5731", "is an Arrow or Feather file: write it as Parquet"],
  ["4f626a01", "is an Avro file: write it as Parquet"],
  ["4f5243", "is an ORC file: write it as Parquet"],
  ["894844460d0a1a0a", "is an HDF5 file: write it as Parquet"],
  ["53514c69746520666f726d61742033", "is an SQLite database: write its table as CSV or Parquet"],
];

/** Texts that are no data. */
const texts: readonly (readonly [RegExp, string])[] = [
  [/^\s*<(!doctype html|html)/i, "is a web page, such as a server's error: download it again"],
  [/^\s*<\?xml/i, "is an XML file: write it as CSV, JSON or Parquet"],
  [
    /^version https:\/\/git-lfs\./,
    "is a pointer of Git LFS, not the data: fetch them with git lfs pull",
  ],
];

/**
 * Looks at the beginning of a file for what it really is, so that a message can name the cause: compressed or encoded otherwise than its
 * name says, another format, no data at all. URLs are not looked at.
 *
 * @throws `INPUT_INVALID` saying what the file is, and the cure
 */
export async function refuseForeignContent({ path, format, bytes }: SourceFile): Promise<void> {
  if (bytes === null) return;
  const start = await firstBytes(path);
  const fault =
    format === "parquet"
      ? await parquetFault(path, start, bytes)
      : await textFault(path, format, start);
  if (fault !== undefined) throw new FlowError("INPUT_INVALID", `${path} ${fault}`);
}

async function textFault(
  path: string,
  format: "csv" | "json",
  start: Buffer,
): Promise<string | undefined> {
  const isGzip = start.toString("hex", 0, 2) === "1f8b";
  const isNamedGzip = path.toLowerCase().endsWith(".gz");
  if (isGzip && !isNamedGzip) {
    return "is compressed with gzip, but its name does not end in .gz: rename it";
  }
  const known = knownBeginning(start);
  if (known !== undefined) return known;
  if (!isGzip && isNamedGzip) return "is not compressed, but its name ends in .gz: rename it";
  const text = isGzip ? await firstUnpacked(path) : start;
  return (
    knownBeginning(text) ?? encodingFault(text) ?? formatFault(format, text.toString("latin1"))
  );
}

function knownBeginning(start: Buffer): string | undefined {
  const hex = start.toString("hex", 0, 32);
  return beginnings.find(([beginning]) => hex.startsWith(beginning))?.[1];
}

/** UTF-16 shows by its mark, or by every other byte of Latin text being 0; UTF-32 by more zeros. */
function encodingFault(text: Buffer): string | undefined {
  const hasMark =
    ["fffe", "feff"].includes(text.toString("hex", 0, 2)) ||
    text.toString("hex", 0, 4) === "0000feff";
  const zeros = text.reduce((count, byte) => count + (byte === 0 ? 1 : 0), 0);
  if (hasMark || (zeros > 0.4 * text.length && zeros < 0.8 * text.length)) {
    const encoding = zeros > 0.6 * text.length ? "UTF-32" : "UTF-16";
    return `is encoded in ${encoding}, which is not read: save it in UTF-8, as by iconv -f ${encoding} -t UTF-8 FILE > NEW`;
  }
  if (text.includes(0x0d) && !text.includes(0x0a)) {
    return "ends its lines with carriage returns alone, as old Macs did: write line feeds, as by tr '\\r' '\\n' < FILE > NEW";
  }
  return undefined;
}

function formatFault(format: "csv" | "json", text: string): string | undefined {
  const known = texts.find(([pattern]) => pattern.test(text));
  if (known !== undefined) return known[1];
  if (format === "json") return undefined;
  if (/^(\xEF\xBB\xBF)?\s*(\[\s*)?\{\s*"/.test(text))
    return "holds JSON, not CSV: give it a name that ends in .json, and read it as JSON";
  const [separator] = /^(?:\xEF\xBB\xBF)?"?sep=(?:\t|.)"?(?=\r?\n)/i.exec(text) ?? [];
  if (separator === undefined) return undefined;
  return `begins with the line ${separator.replace("\xEF\xBB\xBF", "")}, which only Excel reads: remove that line`;
}

async function parquetFault(
  path: string,
  start: Buffer,
  bytes: number,
): Promise<string | undefined> {
  const [first, last] = [start.toString("latin1", 0, 4), await lastBytes(path, bytes)];
  if (first === "PAR1" && last === "PAR1") return undefined;
  if (first === "PARE" || last === "PARE")
    return "is encrypted, which is not read: write it without encryption";
  if (first === "PAR1")
    return "is cut off: a Parquet file ends with PAR1; copy or download it again";
  const other = knownBeginning(start);
  if (other !== undefined) return other;
  return /[^\t\n\r -~]/.test(start.toString("latin1", 0, 64))
    ? "is no Parquet file: it does not begin with PAR1; copy or download it again"
    : `is no Parquet file but a text that begins with ${JSON.stringify(start.toString("latin1", 0, 40))}: give it a name that ends in .csv or .json, and read it as such`;
}

async function firstBytes(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(lookedAt), 0, lookedAt, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function lastBytes(path: string, bytes: number): Promise<string> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(4), 0, 4, Math.max(0, bytes - 4));
    return buffer.toString("latin1");
  } finally {
    await file.close();
  }
}

/** The first bytes that a gzip file unpacks to; none of a damaged one, which is told when it is read. */
async function firstUnpacked(path: string): Promise<Buffer> {
  const file = createReadStream(path, { end: lookedAt });
  const unpacked = file.pipe(createGunzip());
  file.on("error", (error) => unpacked.destroy(error));
  try {
    for await (const chunk of unpacked as AsyncIterable<Buffer>) return chunk.subarray(0, lookedAt);
  } catch {
    return Buffer.alloc(0);
  } finally {
    file.destroy();
  }
  return Buffer.alloc(0);
}
