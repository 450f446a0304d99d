import type { ChatProvider } from "../chat-provider.ts";
import { ggufSettings, type GgufSettings } from "./gguf-settings.ts";

/** A local model from a .gguf file. Only the number of prompts generated side by side limits it. */
export const ggufProvider = {
  settings: ggufSettings,
  isLocal: true,
  isBatch: false,
  open: (settings, { liveClient }) => {
    const { provider, model, threads, contextTokens, sequences } = settings;
    return liveClient({
      settings,
      name: model,
      reach: { provider, model, threads, contextTokens, sequences },
      limits: { inFlight: sequences, timeoutS: 120, attempts: 2, downAfterS: 300 },
      isInProcess: true,
      openTransport: async () => {
        const { ggufTransport } = await import("./gguf-transport.ts");
        return ggufTransport(settings);
      },
    });
  },
} satisfies ChatProvider<GgufSettings>;
