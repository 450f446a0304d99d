import { z } from "zod";
import { faultKinds, noRetry } from "../base/retry-policy.ts";

/** The `RetryPolicy` of a run, as part of a task's runtime. */
export const retryRuntime = z
  .strictObject({ kinds: z.array(z.enum(faultKinds)).readonly(), beforeMs: z.number() })
  .default(noRetry);
