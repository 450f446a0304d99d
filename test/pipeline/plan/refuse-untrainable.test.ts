import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parsePipeline } from "../../../src/pipeline/load-pipeline.ts";
import { planPipeline } from "../../../src/pipeline/plan/plan-pipeline.ts";
import { refuseUntrainable } from "../../../src/pipeline/plan/refuse-untrainable.ts";
import { scratchFolder } from "../../util/scratch-folder.ts";

const settingsWith = (base: string) =>
  parsePipeline("", "p.yaml", [
    "construct={teacher: {provider: openai, model: m}}",
    `finetune={base: ${base}}`,
  ]);

test("a plan says that a run would stop for a base model that is none, before it asks the teacher", async () => {
  const folder = await scratchFolder();
  const base = join(folder, "base.gguf");
  await writeFile(base, "no model");
  const settings = settingsWith(base);
  await expect(refuseUntrainable(settings)).rejects.toMatchObject({ name: "FlowError" });
  const { stops, finetune } = await planPipeline(settings, join(folder, "run"));
  expect(stops).toEqual([expect.stringContaining(base)]);
  expect(finetune).toBe("unknown");
});

test("nothing is refused without fine-tuning", async () => {
  await expect(refuseUntrainable(parsePipeline("", "p.yaml"))).resolves.toBeUndefined();
});

test("nothing is refused, and nothing opened, where the model is trained elsewhere", async () => {
  const settings = parsePipeline("", "p.yaml", [
    "construct={teacher: {provider: openai, model: m}}",
    "finetune={base: org/base-7B, elsewhere: trl, adapters: {users: {actor: ua}}}",
    "knowledge.actor={provider: openai, model: finetuned}",
  ]);
  await expect(refuseUntrainable(settings)).resolves.toBeUndefined();
  const plan = await planPipeline(settings, join(await scratchFolder(), "run"));
  expect(plan.stops).toEqual([]);
  expect(plan.finetune).toBeNull();
  expect(plan.elsewhere).toEqual({
    ...{ trainer: "trl", base: "org/base-7B" },
    adapters: [
      { subject: "user", role: "actor", given: "ua" },
      { subject: "item", role: "actor", given: null },
    ],
  });
});
