import { FlowError } from "../../base/errors.ts";

/** Encoders that are known by name. */
const presetNames = ["bge-m3", "bert-base", "longformer"] as const;
export type PresetName = (typeof presetNames)[number];

/** What `encode.encoder` says. */
export type EncoderSpec =
  | { readonly kind: "bundled" }
  | { readonly kind: "preset"; readonly name: PresetName }
  | { readonly kind: "folder"; readonly path: string }
  | { readonly kind: "openai"; readonly model: string; readonly baseUrl: string };

/** The ways to name an encoder, for messages. */
const ways = `bundled, ${presetNames.join(", ")}, a folder such as ./encoders/mine, or openai:MODEL@BASE_URL`;

/**
 * Reads an encoder's name: `bundled`, a preset, `openai:<model>@<base url>`, or the path of a folder, which has a slash in it or
 * begins with a dot, so that a misspelt name is not taken for a folder.
 *
 * @throws FlowError `CONFIG_INVALID` saying what an encoder may be
 */
export function encoderSpec(text: string): EncoderSpec {
  if (text === "bundled") return { kind: "bundled" };
  const preset = presetNames.find((name) => name === text);
  if (preset !== undefined) return { kind: "preset", name: preset };
  if (text.startsWith("openai:")) return openaiSpec(text);
  if (/[/\\]/.test(text) || text.startsWith(".")) return { kind: "folder", path: text };
  throw new FlowError("CONFIG_INVALID", `there is no encoder "${text}"; expected ${ways}`);
}

/** The base URL begins after the last `@http`: models may have an `@` in their name. */
function openaiSpec(text: string): EncoderSpec {
  const { model, baseUrl } =
    /^openai:(?<model>.+)@(?<baseUrl>https?:\/\/.+)$/.exec(text)?.groups ?? {};
  if (model === undefined || baseUrl === undefined || !URL.canParse(baseUrl)) {
    throw new FlowError(
      "CONFIG_INVALID",
      `encoder "${text}": expected openai:MODEL@BASE_URL, such as openai:BAAI/bge-m3@http://127.0.0.1:8000/v1`,
    );
  }
  return { kind: "openai", model, baseUrl: baseUrl.replace(/\/+$/, "") };
}
