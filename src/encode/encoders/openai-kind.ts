import { FlowError } from "../../base/errors.ts";
import type { EncoderKind } from "../encoder-kind.ts";
import { toLabel } from "./to-label.ts";

/** A model behind an OpenAI-compatible server of embeddings. */
export const openaiKind = {
  names: "openai:MODEL@BASE_URL",
  parse: (name) => (name.startsWith("openai:") ? parseOpenai(name) : null),
  label: ({ model }) => toLabel(model.slice(model.lastIndexOf("/") + 1)),
  threads: "waiting",
  identity: async ({ model }, settings) => {
    const { remoteHash } = await import("../remote/remote-identity.ts");
    return remoteHash(model, settings);
  },
  width: (_spec, { remote }) => Promise.resolve(remote.dimensions ?? null),
  open: async (spec, settings, place) => {
    const { openRemoteEncoder } = await import("../remote/open-remote-encoder.ts");
    return openRemoteEncoder(spec, settings, place);
  },
} satisfies EncoderKind<OpenaiSpec>;

export interface OpenaiSpec {
  readonly kind: "openai";
  readonly model: string;
  /** Without a slash at the end. */
  readonly baseUrl: string;
}

/** The base URL begins after the last `@http`: models may have an `@` in their name. */
function parseOpenai(name: string): OpenaiSpec {
  const { model, baseUrl } =
    /^openai:(?<model>.+)@(?<baseUrl>https?:\/\/.+)$/.exec(name)?.groups ?? {};
  if (model === undefined || baseUrl === undefined || !URL.canParse(baseUrl)) {
    throw new FlowError(
      "CONFIG_INVALID",
      `encoder "${name}": expected openai:MODEL@BASE_URL, such as openai:BAAI/bge-m3@http://127.0.0.1:8000/v1`,
    );
  }
  return { kind: "openai", model, baseUrl: baseUrl.replace(/\/+$/, "") };
}
