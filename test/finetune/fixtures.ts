/** @file Tiny language models, and what PyTorch and PEFT make of them; written by test/fixtures/finetune/make-models.py. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import {
  linearNames,
  type Architecture,
  type DecoderConfig,
} from "../../src/finetune/decoder/decoder-config.ts";
import type { LoraSettings } from "../../src/finetune/decoder/lora-settings.ts";
import type { LoraMatrices } from "../../src/finetune/adapter/lora-adapter.ts";
import { parseHubDecoderConfig } from "../../src/finetune/base/hub-decoder-config.ts";
import { noLabel, type PackedRow } from "../../src/finetune/text/pack-chats.ts";
import type { TensorSource } from "../../src/finetune/weights/tensor-source.ts";
import { decodeSafetensors } from "../../src/optim/safetensors.ts";

const numbers = z.array(z.number());

const row = z.object({ ids: numbers, labels: numbers, positions: numbers, segments: numbers });

const reference = z.object({
  lora: z.object({ rank: z.int(), alpha: z.number(), dropout: z.number() }),
  adamw: z.object({ learningRate: z.number(), epsilon: z.number(), weightDecay: z.number() }),
  clip: z.number(),
  baseLoss: z.number(),
  endLoss: z.number(),
  accumulated: z.object({ loss: z.number(), gradientNorm: z.number() }),
  steps: z.array(z.object({ loss: z.number(), gradientNorm: z.number(), rows: z.array(row) })),
});

/** One step of the reference. */
export interface ReferenceStep {
  readonly loss: number;
  readonly gradientNorm: number;
  readonly rows: readonly PackedRow[];
}

/** A tiny model with its reference. */
export interface Fixture {
  readonly folder: string;
  readonly config: DecoderConfig;
  readonly weights: TensorSource;
  readonly lora: LoraSettings;
  readonly reference: Omit<z.output<typeof reference>, "steps"> & {
    readonly steps: readonly ReferenceStep[];
  };
  /** Of a file of the folder, such as `lora-start.safetensors`. */
  readonly matrices: (file: string) => Promise<readonly LoraMatrices[]>;
}

/** Folder of a tiny model. */
export function fixtureFolder(architecture: Architecture): string {
  return fileURLToPath(new URL(`../fixtures/finetune/${architecture}/`, import.meta.url));
}

export async function readFixture(architecture: Architecture): Promise<Fixture> {
  const folder = fixtureFolder(architecture);
  const tensorsOf = async (file: string) =>
    decodeSafetensors(await readFile(folder + file), folder + file).tensors;
  const tensors = new Map(
    (await tensorsOf("model.safetensors")).map((tensor) => [tensor.name, tensor]),
  );
  const read = reference.parse(JSON.parse(await readFile(`${folder}reference.json`, "utf8")));
  return {
    folder,
    config: parseHubDecoderConfig(
      `${folder}config.json`,
      JSON.parse(await readFile(`${folder}config.json`, "utf8")),
    ),
    weights: {
      shapeOf: (name) => tensors.get(name)?.shape,
      read: (name) => {
        const values = tensors.get(name)?.values;
        if (values === undefined) throw new Error(`no tensor ${name}`);
        return Promise.resolve(Float32Array.from(values));
      },
      close: () => Promise.resolve(),
    },
    lora: { ...read.lora, targets: linearNames },
    reference: {
      ...read,
      steps: read.steps.map(({ rows, ...step }) => ({ ...step, rows: rows.map(packed) })),
    },
    matrices: async (file) => {
      const found = new Map((await tensorsOf(file)).map(({ name, values }) => [name, values]));
      const layers =
        Math.max(...[...found.keys()].map((name) => Number(/layers\.(\d+)/.exec(name)?.[1]))) + 1;
      return Array.from({ length: layers }, (_, layer) =>
        linearNames.map((linear) => {
          const matrix = (letter: string): Float32Array => {
            const values = found.get(
              `base_model.model.model.layers.${layer}.${linear}.lora_${letter}.weight`,
            );
            if (values === undefined) throw new Error(`no matrix ${letter} of ${linear}`);
            return values;
          };
          return { layer, linear, a: matrix("A"), b: matrix("B") };
        }),
      ).flat();
    },
  };
}

/** Padding, which stands at a row's end, is left out. */
function packed({ ids, labels, positions, segments }: z.output<typeof row>): PackedRow {
  const length = segments.includes(-1) ? segments.indexOf(-1) : segments.length;
  return {
    ids: Int32Array.from(ids.slice(0, length)),
    positions: Int32Array.from(positions.slice(0, length)),
    segments: Int32Array.from(segments.slice(0, length)),
    labels: Int32Array.from({ length }, (_, place) => {
      const next = labels[place + 1];
      return next === undefined || next < 0 || place + 1 >= length ? noLabel : next;
    }),
  };
}
