import { z } from "zod";
import { subjects } from "../base/terms.ts";
import { adapterRoles, finetuneSettings, trainingSettings } from "./settings.ts";

/** The `params` of a task: whose adapter it trains. */
export const finetuneParams = z.strictObject({
  subject: z.enum(subjects),
  role: z.enum(adapterRoles),
});

/** The `config` of the stage: what decides the trained numbers besides the rows. */
export const finetuneConfig = z.strictObject({
  training: trainingSettings,
  base: z.string().describe("hash of the base model's content"),
});

/** The `runtime` of the stage. */
export const finetuneRuntime = finetuneSettings
  .pick({ base: true, maxLong: true })
  .extend({ checkpointEveryS: z.number().positive() });
