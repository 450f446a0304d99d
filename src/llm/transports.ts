import type { Transport } from "./chat.ts";
import type { GgufSettings, OpenaiSettings } from "./settings.ts";

/**
 * The way to a model, by its settings. Each is loaded when it is first asked for.
 *
 * @throws FlowError `CONFIG_INVALID` or `DEPENDENCY_MISSING`, as its transport does
 */
export async function openTransport(settings: OpenaiSettings | GgufSettings): Promise<Transport> {
  switch (settings.provider) {
    case "openai":
      return (await import("./openai/openai-transport.ts")).openaiTransport(settings);
    case "gguf":
      return (await import("./gguf/gguf-transport.ts")).ggufTransport(settings);
  }
}
