import type { Engine } from "./engine.ts";
import type { TrainingProgress } from "./training-progress.ts";

/** Where training stands; the rest is in the engine. */
export interface TrainingState {
  readonly progress: TrainingProgress;
  /** The engine's snapshot after the best epoch so far; absent where no epoch has been chosen. */
  readonly bestModel?: Float32Array;
}

/** A place where training notes how far it is. */
export interface Checkpoint {
  /** From one note to the next within an epoch; each epoch's end is noted as well. */
  readonly everyMs: number;
  /** Brings a fresh engine to where it was noted last; undefined, with the engine as it was, when there is nothing to go on from. */
  readonly load: (engine: Engine) => Promise<TrainingState | undefined>;
  readonly save: (engine: Engine, state: TrainingState) => Promise<void>;
}
