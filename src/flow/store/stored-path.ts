/** @file How the files of a run folder are kept in a store. */
import type { NamedFile } from "../file-check.ts";

/**
 * - `local`: not at all. What a process needs only while it works, or makes again in a moment.
 * - `named`: parts of tables, models and adapters, which manifests name. They come before the manifest, and go after it.
 * - `manifest`: of a task; the first writer wins.
 * - `segment`: a file that only grows, kept as pieces.
 * - `stage`: the manifest of a stage, which comes last and goes first.
 * - `plain`: any other; who wrote it last is right.
 */
export type StoredKind = "local" | "named" | "manifest" | "segment" | "stage" | "plain";

const kinds: readonly (readonly [RegExp, StoredKind])[] = [
  [/^(tmp|attempts)\//, "local"],
  [/^lock($|\.|\/)/, "local"],
  [/^cache\/encoders\//, "local"],
  [/\.[0-9a-f-]{36}\.tmp$/, "local"],
  [/^(tables|models|adapters)\//, "named"],
  [/^manifests\/[^/]+\/[^/]+\.json$/, "manifest"],
  [/^cache\/(answers|vectors)\/[^/]+$/, "segment"],
  [/^stages\//, "stage"],
];

/** @param path - Relative to the run folder, with forward slashes */
export function storedKind(path: string): StoredKind {
  return kinds.find(([pattern]) => pattern.test(path))?.[1] ?? "plain";
}

/**
 * The key of a file that a manifest names. The names of parts are unique to the attempt that wrote them; those of models and adapters
 * are not, so their content tells them apart.
 */
export function keyOfNamed({ path, sha256 }: Pick<NamedFile, "path" | "sha256">): string {
  return path.startsWith("tables/") ? path : `${path}@${sha256.slice(0, 12)}`;
}

/** The key of a segment's piece that begins at this byte. */
export function keyOfPiece(segment: string, offsetBytes: number): string {
  return `${segment}/${String(offsetBytes).padStart(14, "0")}`;
}

/** The segment that a key is a piece of, and where it begins; null for other keys. */
export function pieceOf(
  key: string,
): { readonly segment: string; readonly offsetBytes: number } | null {
  const [, segment, offset] = /^(cache\/(?:answers|vectors)\/[^/]+)\/(\d{14})$/.exec(key) ?? [];
  if (segment === undefined || offset === undefined) return null;
  return { segment, offsetBytes: Number(offset) };
}
