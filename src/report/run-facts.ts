import type { Json } from "../base/json.ts";
import type { PaperName } from "./settings.ts";

/** Facts about a run that its tables do not hold: name, settings, machine. */
export interface RunFacts {
  readonly name: string;
  /** `leakfree`, `reference` or `paper`. */
  readonly protocol: string;
  readonly dataset: DatasetFacts;
  /** The pipeline file with all defaults filled in. */
  readonly settings: Json;
  /** The table or figure of the paper that the run is set beside; absent for none. */
  readonly paper?: PaperName;
  readonly r4ecVersion: string;
  readonly nodeVersion: string;
  readonly cpuModel: string;
  readonly stages: readonly StageFacts[];
}

export interface DatasetFacts {
  /** Name of the source in the pipeline file: `quickstart`, `movielens`, … */
  readonly source: string;
  /** Name for readers, e.g. "MovieLens at data/ml-1m". */
  readonly label: string;
  /** Whether the events are simulated. */
  readonly simulated: boolean;
  /** How, as far as it decides what a result proves; absent for observed events. */
  readonly simulation?: string;
}

export interface StageFacts {
  readonly name: string;
  /** Wall time summed over the tasks, whenever they ran. */
  readonly seconds: number;
  readonly tasks: number;
}
