import { catalogOf, readStageManifests } from "../../src/flow/stage-manifest.ts";

/**
 * Content hashes of a run's parts by table, in order, without those of `requests`, which has times, and of vectors: two parts with the same
 * text take its vector from whichever is encoded first, in a batch of its own.
 */
export async function partsOf(
  runDir: string,
): Promise<Readonly<Record<string, readonly string[]>>> {
  const catalog = catalogOf(await readStageManifests(runDir));
  return Object.fromEntries(
    Object.entries(catalog)
      .filter(([table]) => table !== "requests" && !table.endsWith("_embeddings"))
      .map(([table, parts]) => [table, parts.map(({ sha256 }) => sha256)]),
  );
}
