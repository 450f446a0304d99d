import type { ChatProvider } from "../chat-provider.ts";
import { batchJsonlSettings, type BatchJsonlSettings } from "./batch-settings.ts";

/** Requests in files that the user runs, for example by `vllm run-batch`. */
export const batchJsonlProvider = {
  settings: batchJsonlSettings,
  isLocal: false,
  isBatch: true,
  open: async (settings, { cache, queueDir }) => {
    const { batchClient } = await import("./batch-client.ts");
    return batchClient(settings, cache, queueDir);
  },
} satisfies ChatProvider<BatchJsonlSettings>;
