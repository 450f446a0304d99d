import { z } from "zod";

/** `runtime.buckets` of a pipeline file: layout alone, the rows are the same. */
export const bucketsSetting = z
  .union([z.literal("auto"), z.int().min(1).max(4096)])
  .default("auto")
  .describe(
    "Buckets of users that interactions, timeline and samples are kept in when the source is read, each a task of its own. " +
      "auto: one for every 5 million interactions.",
  );
