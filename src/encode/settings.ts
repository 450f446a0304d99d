import { z } from "zod";
import { FlowError } from "../errors.ts";
import { encoderSpec } from "./encoder-spec.ts";

/** The `encode:` block of a pipeline file. */
export const encodeSettings = z.strictObject({
  encoder: z
    .string()
    .superRefine(refuseUnknownEncoder)
    .default("bundled")
    .describe(
      "text encoder; bundled = Universal Sentence Encoder Lite, English, 512 numbers a vector, no download; or the path of a folder of " +
        "model.onnx, tokenizer.json and config.json",
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

function refuseUnknownEncoder(text: string, context: z.core.$RefinementCtx): void {
  try {
    const { kind } = encoderSpec(text);
    if (kind === "bundled" || kind === "folder") return;
    context.addIssue({ code: "custom", message: `"${text}" cannot be used yet` });
  } catch (error) {
    if (!(error instanceof FlowError)) throw error;
    context.addIssue({ code: "custom", message: error.message });
  }
}
