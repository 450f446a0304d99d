import type { Selection } from "../../base/terms.ts";
import type { TrainingData } from "../data/training-data.ts";
import type { TrainParams } from "../train-tasks.ts";
import type { TrainedModel } from "./train-model.ts";

/** A trained model, ready to be written. */
export interface TrainingOutcome {
  readonly params: TrainParams;
  readonly data: TrainingData;
  readonly trained: TrainedModel;
  readonly selection: Selection;
  /** Name of the engine that trained it. */
  readonly engine: string;
  /** Trainable numbers. */
  readonly parameterCount: number;
  /** Wall time of the whole task, s. */
  readonly seconds: number;
}
