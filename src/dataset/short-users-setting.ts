import { z } from "zod";

/** `dataset.shortUsers` of a pipeline file. */
export const shortUsers = z
  .enum(["error", "drop"])
  .default("error")
  .describe(
    "What to do with users who have too few events for the protocol: stop with an error, or leave them out and count them.",
  );
