import type { ChatProvider } from "../chat-provider.ts";
import { endpointName } from "./endpoint-name.ts";
import { openaiSettings, type OpenaiSettings } from "./openai-settings.ts";

/** A model of an OpenAI-compatible server, one request per prompt. */
export const openaiProvider = {
  settings: openaiSettings,
  isLocal: false,
  isBatch: false,
  open: (settings, { liveClient }) => {
    const { provider, model, baseUrl, apiKeyEnv, headers, limits } = settings;
    return liveClient({
      settings,
      name: endpointName(settings),
      reach: { provider, model, baseUrl, apiKeyEnv, headers, limits },
      limits,
      openTransport: async () => {
        const { openaiTransport } = await import("./openai-transport.ts");
        return openaiTransport(settings);
      },
    });
  },
} satisfies ChatProvider<OpenaiSettings>;
