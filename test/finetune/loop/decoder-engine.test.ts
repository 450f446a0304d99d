import { describe, expect, test } from "vitest";
import { architectures } from "../../../src/finetune/decoder/decoder-config.ts";
import { createDecoderEngine } from "../../../src/finetune/loop/decoder-engine.ts";
import { clipGradients, createGradientSum } from "../../../src/optim/gradients.ts";
import { createAdam } from "../../../src/optim/adam.ts";
import { noLabel, type PackedRow } from "../../../src/finetune/text/pack-chats.ts";
import { readFixture } from "../fixtures.ts";

const targetsOf = (rows: readonly PackedRow[]): number =>
  rows.reduce((sum, { labels }) => sum + labels.filter((id) => id !== noLabel).length, 0);

describe.each(architectures)("%s with LoRA, against PyTorch and PEFT", (architecture) => {
  test("has their losses and gradients, and their adapter after 20 steps", async () => {
    const { config, weights, lora, reference, matrices } = await readFixture(architecture);
    const engine = await createDecoderEngine({
      ...{ base: { config, weights }, lora, seed: 1, threads: 1, tokens: 40 },
    });
    const { parameters } = engine;
    const { arena } = parameters;
    parameters.set(await matrices("lora-start.safetensors"));
    const adam = createAdam(arena, reference.adamw);
    const sum = createGradientSum(arena);
    const gradients = new Map(
      (await matrices("gradients.safetensors")).map((each) => [
        `${each.layer}.${each.linear}`,
        each,
      ]),
    );
    let worstLoss = 0;
    for (const [step, { rows, loss, gradientNorm }] of reference.steps.entries()) {
      const targets = targetsOf(rows);
      let total = 0;
      for (const [place, row] of rows.entries()) {
        total += (await engine.train(row, 1 / targets, `${step}/${place}`)).loss;
        sum.add();
      }
      sum.finish();
      worstLoss = Math.max(worstLoss, Math.abs(total / targets - loss));
      if (step === 0) {
        for (const parameter of parameters.all) {
          const [linear = "", letter = ""] = parameter.name.split(".lora_");
          const found = gradients.get(`${parameter.layer}.${linear}`);
          const expected = letter === "A" ? found?.a : found?.b;
          const values = parameters.values(parameter, arena.gradients);
          const largest = Math.max(...(expected ?? []).map(Math.abs));
          const worst = Math.max(
            ...values.map((value, at) => Math.abs(value - (expected?.[at] ?? NaN))),
          );
          expect(worst / largest, parameter.name).toBeLessThan(1e-5);
        }
      }
      expect(Math.abs(clipGradients(arena, reference.clip) / gradientNorm - 1)).toBeLessThan(1e-4);
      adam.update(reference.adamw.learningRate);
    }
    expect(worstLoss).toBeLessThan(1e-5);
    const end = await matrices("lora-end.safetensors");
    for (const [index, { a, b }] of parameters.matrices().entries()) {
      a.forEach((value, at) => {
        expect(Math.abs(value - (end[index]?.a[at] ?? NaN))).toBeLessThan(5e-5);
      });
      b.forEach((value, at) => {
        expect(Math.abs(value - (end[index]?.b[at] ?? NaN))).toBeLessThan(5e-5);
      });
    }
    await engine.close();
  });

  test("evaluates as they do, with the adapter and without", async () => {
    const { config, weights, lora, reference, matrices } = await readFixture(architecture);
    const engine = await createDecoderEngine({
      ...{
        base: { config, weights },
        lora: { ...lora, dropout: 0.5 },
        seed: 1,
        threads: 1,
        tokens: 40,
      },
    });
    const meanLoss = async (): Promise<number> => {
      let [loss, tokens] = [0, 0];
      for (const row of reference.steps[0]?.rows ?? []) {
        const found = await engine.evaluate(row);
        loss += found.loss;
        tokens += found.tokens;
      }
      return loss / tokens;
    };
    expect(Math.abs((await meanLoss()) - reference.baseLoss)).toBeLessThan(1e-5);
    engine.parameters.set(await matrices("lora-end.safetensors"));
    expect(Math.abs((await meanLoss()) - reference.endLoss)).toBeLessThan(1e-4);
    await engine.close();
  });
});
