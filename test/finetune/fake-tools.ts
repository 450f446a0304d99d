/** @file A base model, a trainer and writers that cost nothing, to test what stands around them. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { LoraAdapter } from "../../src/finetune/adapter/lora-adapter.ts";
import { adapterFiles } from "../../src/finetune/adapter/adapter-folder.ts";
import type { BaseModel } from "../../src/finetune/base/base-model.ts";
import type { DecoderConfig } from "../../src/finetune/decoder/decoder-config.ts";
import type {
  AdapterEpoch,
  AdapterTraining,
  TrainedAdapter,
} from "../../src/finetune/loop/adapter-training.ts";
import type { ChatTokenizer } from "../../src/finetune/text/chat-tokenizer.ts";
import type { Tools } from "../../src/finetune/train-rows.ts";

/** A decoder of 8 numbers wide. */
const tinyConfig: DecoderConfig = {
  ...{ architecture: "llama", layers: 2, hidden: 8, heads: 2, keyHeads: 1, headWidth: 4 },
  ...{ inner: 16, vocabulary: 256, normEpsilon: 1e-5, ropeBase: 10_000, contextTokens: 4096 },
  ...{ hasBiases: false, hasHeadNorms: false, isTied: true },
};

/** A token per character; the answer has one more. */
const characters: ChatTokenizer = {
  encode: (messages) => {
    const texts = messages.map(({ content }) => Array.from(content, (char) => char.charCodeAt(0)));
    return { prompt: texts.slice(0, -1).flat(), answer: [...(texts.at(-1) ?? []), 0] };
  },
  vocabulary: 256,
  paddingId: 0,
};

/** What the tools were given, and how often the base model was opened and closed. */
export interface FakeTools extends Tools {
  readonly trainings: AdapterTraining[];
  readonly opened: string[];
  closed: number;
}

const epochOf = (epoch: number, validLoss: number | null): AdapterEpoch => ({
  ...{ epoch, trainLoss: epoch === 0 ? null : 2 - epoch / 4, validLoss },
  ...{ steps: epoch === 0 ? 0 : 3, tokens: epoch === 0 ? 0 : 100, answerTokens: 40, seconds: 2 },
});

/**
 * Validation losses 2, 1.5 and 1.75, so that epoch 1 is kept, of those that there are validation rows for.
 *
 * @param during - Called while "training"
 * @param stopped - Why the training ended early
 */
export function fakeTools(
  during: (training: AdapterTraining) => Promise<void> = () => Promise.resolve(),
  stopped: string | null = null,
): FakeTools {
  const tools: FakeTools = {
    ...{ trainings: [], opened: [], closed: 0 },
    open: (path) => {
      tools.opened.push(path);
      const close = (): Promise<void> => {
        tools.closed++;
        return Promise.resolve();
      };
      const base: BaseModel = {
        ...{ path, config: tinyConfig, tokenizer: characters },
        weights: { shapeOf: () => [1], read: () => Promise.resolve(new Float32Array(1)), close },
      };
      return Promise.resolve(base);
    },
    train: async (training): Promise<TrainedAdapter> => {
      tools.trainings.push(training);
      await during(training);
      const { base, settings, valid } = training;
      const adapter: LoraAdapter = {
        ...{ lora: settings.lora, config: base.config, base: base.path, matrices: [] },
      };
      const losses = [2, 1.5, 1.75];
      const epochs = losses.map((loss, epoch) => epochOf(epoch, valid.length === 0 ? null : loss));
      return { adapter, epochs, bestEpoch: valid.length === 0 ? 2 : 1, stopped };
    },
    write: async (folder, { base }) => {
      for (const name of Object.values(adapterFiles)) {
        await writeFile(join(folder, name), `${name} for ${base}`);
      }
    },
  };
  return tools;
}
