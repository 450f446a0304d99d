import { z } from "zod";
import { finetuneParams } from "../finetune-params.ts";
import { adapterContent } from "./given-adapter.ts";

/** The `params` of a task: whose adapter it takes, and what that is; null as long as nobody has trained it. */
export const elsewhereParams = finetuneParams.extend({ adapter: adapterContent.nullable() });

/** The `config` of the stage. */
export const elsewhereConfig = z.strictObject({
  base: z.string().describe("the model that was trained, as finetune.base names it"),
  isElsewhere: z.literal(true),
});

/** The `runtime` of the stage: where the adapters are. */
export const elsewhereRuntime = z.strictObject({
  places: z.array(
    finetuneParams.extend({ given: z.string().nullable(), model: z.string().nullable() }),
  ),
});
