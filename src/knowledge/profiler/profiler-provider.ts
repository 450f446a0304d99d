import { z } from "zod";
import { FlowError } from "../../base/errors.ts";
import type { RoleProvider } from "../role-provider.ts";
import type { Actor } from "../roles.ts";

const profilerSettings = z.strictObject({
  provider: z
    .literal("profiler")
    .describe("The built-in profiler: statistics written out as sentences. Not a language model."),
});

/**
 * The built-in profiler. It writes no chain of thought: as an actor in style "kar" it answers with a FlowError `CONFIG_INVALID`; as
 * the reflector beside another actor it does no harm.
 */
export const profilerProvider = {
  settings: profilerSettings,
  open: async (_settings, nouns, style) => {
    const { profiler } = await import("./profiler.ts");
    const plain = profiler(nouns);
    if (style === "reason") return plain;
    const { user, item } = plain.actors;
    return { ...plain, actors: { user: unfit(user), item: unfit(item) } };
  },
} satisfies RoleProvider<z.output<typeof profilerSettings>>;

function unfit<C>({ origin }: Actor<C>): Actor<C> {
  const refuse = (): Promise<never> =>
    Promise.reject(
      new FlowError(
        "CONFIG_INVALID",
        "Strategy kar asks for one chain of thought, and the built-in profiler is no language model. " +
          "Name a chat model as knowledge.actor (provider openai, gguf, batch-jsonl or openai-batch), or choose another strategy.",
      ),
    );
  return { origin, reason: refuse, refine: refuse };
}
