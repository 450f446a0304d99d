import type { Json } from "../base/json.ts";

/** What a run's tables cannot tell: its name, its settings and the machine it ran on. */
export interface RunFacts {
  readonly name: string;
  /** `leakfree`, `reference` or `paper`. */
  readonly protocol: string;
  readonly dataset: DatasetFacts;
  /** The pipeline file as resolved. */
  readonly settings: Json;
  readonly r4ecVersion: string;
  readonly nodeVersion: string;
  readonly cpuModel: string;
  readonly stages: readonly StageFacts[];
}

export interface DatasetFacts {
  /** Name of the source in the pipeline file: `quickstart`, `movielens`, … */
  readonly source: string;
  /** What people call it, e.g. "MovieLens-1M layout at data/ml-1m". */
  readonly label: string;
  /** Whether the events were made up by a simulation. */
  readonly simulated: boolean;
}

export interface StageFacts {
  readonly name: string;
  /** Summed wall time of the tasks, whenever they ran. */
  readonly seconds: number;
  readonly tasks: number;
}
