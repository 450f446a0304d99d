import { availableParallelism } from "node:os";
import { setTimeout } from "node:timers/promises";
import { FlowError, reasonOf } from "../../base/errors.ts";
import type { GgufSettings } from "./gguf-settings.ts";
import {
  loadNodeLlamaCpp,
  type Llama,
  type LlamaModel,
  type NodeLlamaCpp,
} from "./node-llama-cpp.ts";
import { requireGguf } from "./require-gguf.ts";

const waitMs = 20;
const mostWaits = 50;

/** The weights of a .gguf file in memory, which several contexts may use. */
export interface GgufModel {
  readonly library: NodeLlamaCpp;
  readonly llama: Llama;
  readonly model: LlamaModel;
  readonly threads: number;
  /** What the native library said last; the reason of its last error. */
  readonly lastWords: () => Promise<string>;
  /** Frees the model and its contexts. */
  readonly close: () => Promise<void>;
}

/**
 * Loads a model to run on the CPU.
 *
 * @throws FlowError `DEPENDENCY_MISSING` without the package or its native part; `CONFIG_INVALID` for a file that is missing or no
 *   model; `PROVIDER_FAILED` when it cannot be loaded
 */
export async function openGgufModel(
  { model: modelPath, threads = availableParallelism() }: Pick<GgufSettings, "model" | "threads">,
  load: () => Promise<NodeLlamaCpp> = loadNodeLlamaCpp,
): Promise<GgufModel> {
  await requireGguf(modelPath, "The model of a role with provider gguf (knowledge.<role>.model)");
  const library = await load();
  let said = "";
  const llama = await library
    .getLlama({
      gpu: false,
      build: "never",
      maxThreads: threads,
      logLevel: "error",
      logger: (_level, message) => {
        if (message.trim() !== "") said = message.trim();
      },
    })
    .catch((error: unknown) => {
      throw new FlowError(
        "DEPENDENCY_MISSING",
        `node-llama-cpp has no working binary for ${process.platform} ${process.arch}: ${reasonOf(error)}. ` +
          "Install it again without --omit=optional, or build it with: npx node-llama-cpp source download",
        { cause: error },
      );
    });
  const lastWords = async (): Promise<string> => {
    // They come by way of another thread, after the failure that they explain.
    for (let wait = 0; wait < mostWaits && said === ""; wait++) await setTimeout(waitMs);
    await setTimeout(waitMs);
    const words = said;
    said = "";
    return words;
  };
  try {
    const model = await llama.loadModel({ modelPath });
    return { library, llama, model, threads, lastWords, close: () => llama.dispose() };
  } catch (error) {
    const more = await lastWords();
    await llama.dispose();
    throw new FlowError(
      "PROVIDER_FAILED",
      `cannot run the model ${modelPath}: ${reasonOf(error)}${more === "" ? "" : ` (${more})`}.`,
      { cause: error },
    );
  }
}
