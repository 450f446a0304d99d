import type { EmbeddingSettings } from "../settings.ts";

/** A model and the servers it is asked at, without what a URL may hold of secrets. */
export function endpointName({
  model,
  baseUrl,
}: Pick<EmbeddingSettings, "model" | "baseUrl">): string {
  const places = [baseUrl].flat().map((url) => {
    const { origin, pathname } = new URL(url);
    return `${origin}${pathname}`;
  });
  return `${model} at ${places.sort().join(", ")}`;
}
