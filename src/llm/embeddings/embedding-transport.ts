import { FlowError } from "../../base/errors.ts";
import type { EmbeddingTransport } from "./embeddings.ts";
import { openaiPost } from "../openai/openai-transport.ts";
import { readEmbeddings } from "./read-embeddings.ts";
import { refusalOf } from "./refusals.ts";
import type { EmbeddingSettings } from "../settings.ts";

/** Fields that `extra` may not set: other settings do. */
const reserved = ["model", "input", "encoding_format", "dimensions"];

/**
 * Asks an OpenAI-compatible server by POST {baseUrl}/embeddings.
 *
 * @throws FlowError `CONFIG_INVALID` for an extra field that is set elsewhere, and as {@link openaiPost} does
 */
export function embeddingTransport(settings: EmbeddingSettings): EmbeddingTransport {
  const { model, dimensions, encodingFormat, extra } = settings;
  const taken = reserved.find((field) => field in extra);
  if (taken !== undefined) {
    throw new FlowError(
      "CONFIG_INVALID",
      `encode.remote.extra.${taken} is not supported: it is set by encode.encoder or a setting of its own. Take it out.`,
    );
  }
  const { post, close } = openaiPost(settings, {
    path: "/embeddings",
    fieldCure: "leave encode.remote.dimensions or a field of encode.remote.extra out",
  });
  let hasAnswered = false;
  return {
    send: async (texts, signal) => {
      const body = {
        model,
        input: texts,
        encoding_format: encodingFormat,
        ...(dimensions !== undefined && { dimensions }),
        ...extra,
      };
      try {
        const read = (answer: unknown) => readEmbeddings(answer, texts.length, dimensions);
        const reply = await post(body, read, signal);
        hasAnswered = true;
        return reply;
      } catch (error) {
        throw refusalOf(error, settings, hasAnswered);
      }
    },
    close,
  };
}
