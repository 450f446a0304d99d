import type { ChatProvider } from "../chat-provider.ts";
import { openaiBatchSettings, type OpenaiBatchSettings } from "./batch-settings.ts";

/** Requests that go to the Batch API of a service. */
export const openaiBatchProvider = {
  settings: openaiBatchSettings,
  isLocal: false,
  isBatch: true,
  open: async (settings, { cache, queueDir }) => {
    const { batchClient } = await import("./batch-client.ts");
    return batchClient(settings, cache, queueDir);
  },
} satisfies ChatProvider<OpenaiBatchSettings>;
