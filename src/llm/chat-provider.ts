import type { z } from "zod";
import type { AnswerCache, ChatClient, Transport } from "./chat.ts";
import type { AnswerSettings, Limits } from "./settings.ts";

/** One way to get answers from a chat model. Adding one: a file like `openai/openai-provider.ts`, and a line in `providers.ts`. */
export interface ChatProvider<Settings extends AnswerSettings> {
  /** A role's settings, told apart by their literal `provider`. */
  readonly settings: z.ZodType<Settings>;
  /** True for models on this machine: they need no price under a cost limit. */
  readonly isLocal: boolean;
  /** True when answers come later, all at once: asking costs the user another wait. */
  readonly isBatch: boolean;
  /** @throws FlowError `CONFIG_INVALID` or `DEPENDENCY_MISSING` */
  readonly open: (settings: Settings, run: ChatRun) => Promise<ChatClient>;
}

/** What a run provides to its chat providers. */
export interface ChatRun {
  readonly cache: AnswerCache;
  /** Folder of prompts that wait for a batch. */
  readonly queueDir: string;
  /** A client that sends one request per prompt, behind the run's cache, budget and limiters. */
  readonly liveClient: (model: LiveModel) => Promise<ChatClient>;
  /** What several transports of the run use: opened by the first that asks for the key, closed after all transports. */
  readonly sharedUntilClose: <T extends Closable>(
    key: string,
    open: () => Promise<T>,
  ) => Promise<T>;
}

/** Something with a lifetime. */
export interface Closable {
  readonly close: () => Promise<void>;
}

/** A model that answers while the client waits. */
export interface LiveModel {
  readonly settings: Pick<AnswerSettings, "provider" | "model" | "sampling">;
  /** The model's name in answers, tables and keys of the cache, where the setting does not say all that decides it. Default: `model`. */
  readonly answeredBy?: string;
  /** Model and place, for errors and to share a limiter; without secrets. */
  readonly name: string;
  /** What decides how the model is reached: roles that agree in it share a transport. */
  readonly reach: object;
  readonly limits: Limits;
  /** Whether the model runs in this process, so that the shape of its answers is known. Default false. */
  readonly isInProcess?: boolean;
  readonly openTransport: () => Promise<Transport>;
}
