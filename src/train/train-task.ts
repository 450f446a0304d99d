import { createEngine } from "./engine/create-engine.ts";
import { createTrainTask } from "./loop/run-training.ts";

/** Trains one model on the engine that its settings name; see {@link createTrainTask}. */
export const train = createTrainTask(createEngine);
