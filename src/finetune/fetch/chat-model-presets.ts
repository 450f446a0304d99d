/** @file The language models that are known by name: small enough to be fine-tuned here. */

/** The forms in which a model is fetched. */
export const modelForms = ["safetensors", "gguf"] as const;

export type ModelForm = (typeof modelForms)[number];

/** Where a known model is. */
export interface ChatModelPreset {
  /** Repositories of the Hugging Face hub, by form. */
  readonly hubIds: Readonly<Record<ModelForm, string>>;
  /** About how much is downloaded, bytes. */
  readonly bytes: Readonly<Record<ModelForm, number>>;
  readonly license: string;
}

const presets = {
  "smollm2-135m": {
    hubIds: {
      safetensors: "HuggingFaceTB/SmolLM2-135M-Instruct",
      gguf: "bartowski/SmolLM2-135M-Instruct-GGUF",
    },
    bytes: { safetensors: 271e6, gguf: 145e6 },
    license: "Apache-2.0",
  },
  "smollm2-360m": {
    hubIds: {
      safetensors: "HuggingFaceTB/SmolLM2-360M-Instruct",
      gguf: "HuggingFaceTB/SmolLM2-360M-Instruct-GGUF",
    },
    bytes: { safetensors: 726e6, gguf: 386e6 },
    license: "Apache-2.0",
  },
  "qwen2.5-0.5b": {
    hubIds: {
      safetensors: "Qwen/Qwen2.5-0.5B-Instruct",
      gguf: "Qwen/Qwen2.5-0.5B-Instruct-GGUF",
    },
    bytes: { safetensors: 995e6, gguf: 676e6 },
    license: "Apache-2.0",
  },
  "qwen2.5-1.5b": {
    hubIds: {
      safetensors: "Qwen/Qwen2.5-1.5B-Instruct",
      gguf: "Qwen/Qwen2.5-1.5B-Instruct-GGUF",
    },
    bytes: { safetensors: 3095e6, gguf: 1895e6 },
    license: "Apache-2.0",
  },
  "qwen3-0.6b": {
    hubIds: { safetensors: "Qwen/Qwen3-0.6B", gguf: "Qwen/Qwen3-0.6B-GGUF" },
    bytes: { safetensors: 1515e6, gguf: 639e6 },
    license: "Apache-2.0",
  },
} satisfies Readonly<Record<string, ChatModelPreset>>;

export type ChatModelName = keyof typeof presets;

/** Every language model that is known by name. */
export const chatModelPresets: Readonly<Record<ChatModelName, ChatModelPreset>> = presets;

/** Whether a language model is known by this name. */
export function isChatModel(name: string): name is ChatModelName {
  return Object.hasOwn(presets, name);
}

/** A line for each known model with the size of its forms, for help texts. */
export function describeChatModels(): string {
  return Object.entries(chatModelPresets)
    .map(([name, { bytes, license }]) => {
      const sizes = modelForms.map((form) => `${sizeText(bytes[form])} as ${form}`);
      return `  ${name.padEnd(14)}${sizes.join(", ")} (${license})`;
    })
    .join("\n");
}

function sizeText(bytes: number): string {
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
