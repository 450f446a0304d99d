import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { ChatProvider } from "../chat-provider.ts";
import { requireGguf } from "./require-gguf.ts";
import { ggufSettings, sequencesOf, type GgufSettings } from "./gguf-settings.ts";

/**
 * A local model from a .gguf file. Only the number of prompts generated side by side limits it. Roles with the same file share its
 * weights, whatever their adapters.
 */
export const ggufProvider = {
  settings: ggufSettings,
  isLocal: true,
  isBatch: false,
  open: async (settings, { liveClient, sharedUntilClose }) => {
    const { provider, model, adapter, threads, contextTokens, reproducible } = settings;
    const sequences = sequencesOf(settings);
    const answeredBy = adapter === undefined ? model : await adaptedName(model, adapter);
    return liveClient({
      settings,
      answeredBy,
      name: answeredBy,
      reach: { provider, model: answeredBy, threads, contextTokens, sequences, reproducible },
      limits: { inFlight: sequences, timeoutS: 120, attempts: 2, downAfterS: 300 },
      isInProcess: true,
      openTransport: async () => {
        const { ggufTransport } = await import("./gguf-transport.ts");
        const { openGgufModel } = await import("./gguf-model.ts");
        return ggufTransport(settings, async () => {
          const key = JSON.stringify({ provider, model, threads });
          const shared = await sharedUntilClose(key, () => openGgufModel(settings));
          return { ...shared, close: () => Promise.resolve() };
        });
      },
    });
  },
} satisfies ChatProvider<GgufSettings>;

/** A model with an adapter, named by what the adapter's file holds: a copy elsewhere is the same one. */
async function adaptedName(model: string, adapter: string): Promise<string> {
  await requireGguf(adapter, "The adapter of a role with provider gguf (knowledge.<role>.adapter)");
  const hash = createHash("sha256");
  await pipeline(createReadStream(adapter), hash);
  return `${model}+lora:${hash.digest("hex").slice(0, 16)}`;
}
