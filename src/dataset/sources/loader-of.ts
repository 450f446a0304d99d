import type { DatasetSettings } from "../settings.ts";
import type { LoadSource } from "./source.ts";

/** Loads the code of the one source that is asked for. */
export async function loaderOf(dataset: DatasetSettings): Promise<LoadSource> {
  switch (dataset.source) {
    case "quickstart":
      return (await import("./quickstart/load-simulated.ts")).loadSimulated(dataset);
    case "movielens":
      return (await import("./movielens/load-movielens.ts")).loadMovielens(dataset);
    case "amazon":
      return (await import("./amazon/load-amazon.ts")).loadAmazon(dataset);
    default:
      return (await import("./files/load-files.ts")).loadFiles(dataset);
  }
}
