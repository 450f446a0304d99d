import { createOnnxEngine } from "./onnx-engine.ts";
import { createTrainTask } from "./run-training.ts";

/** Trains one model on the CPU; see {@link createTrainTask}. */
export const train = createTrainTask(createOnnxEngine, "onnx");
