import { createEngine } from "./create-engine.ts";
import { createTrainTask } from "./run-training.ts";

/** Trains one model on the engine that its settings name; see {@link createTrainTask}. */
export const train = createTrainTask(createEngine);
