import { z } from "zod";

/** The `encode:` block of a pipeline file. */
export const encodeSettings = z.strictObject({
  encoder: z
    .enum(["bundled"])
    .default("bundled")
    .describe(
      "text encoder; bundled = Universal Sentence Encoder Lite, English, 512 numbers a vector, no download",
    ),
  batchTokens: z
    .int()
    .min(1)
    .default(1024)
    .describe("most tokens encoded at once, padding included; more needs more memory"),
  joinLines: z
    .boolean()
    .default(true)
    .describe(
      "read line breaks, tabs and repeated spaces as one space, so that they are no unknown tokens",
    ),
});

/** Settings of encoding, complete. */
export type EncodeSettings = z.infer<typeof encodeSettings>;

/** Whose texts a task encodes; its `params`. */
export const encodeParams = z.strictObject({
  subject: z.enum(["user", "item"]),
  variant: z.string().describe("whose texts they are"),
});

/** See {@link encodeParams}. */
export type EncodeParams = z.infer<typeof encodeParams>;
