import { z } from "zod";
import { answerFields, endpointFields, limitSettings } from "../settings.ts";

/** A role that is played by a model of an OpenAI-compatible server. */
export const openaiSettings = z.strictObject({
  provider: z
    .literal("openai")
    .describe("An OpenAI-compatible server: vLLM, SGLang, llama.cpp, OpenAI, Azure."),
  ...answerFields,
  ...endpointFields,
  limits: limitSettings,
});

export type OpenaiSettings = z.output<typeof openaiSettings>;
