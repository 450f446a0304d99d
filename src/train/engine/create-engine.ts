import type { EngineName } from "./devices.ts";
import type { CreateEngine } from "./engine.ts";
import { createOnnxEngine } from "./onnx-engine.ts";
import { createTfjsEngine } from "../tfjs/tfjs-engine.ts";

const engines: Readonly<Record<EngineName, CreateEngine>> = {
  onnx: createOnnxEngine,
  tfjs: createTfjsEngine,
};

/** Creates the requested engine. Both engines train the same models to the same numbers, up to rounding. */
export const createEngine: CreateEngine = (request) => engines[request.engine ?? "onnx"](request);
