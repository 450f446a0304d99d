import { z } from "zod";
import { FlowError, reasonOf } from "../../base/errors.ts";
import {
  TransportError,
  type ChatMessage,
  type ChatPayload,
  type ChatReply,
  type Sampling,
  type Transport,
  type Usage,
} from "../chat.ts";
import type { GgufModel } from "./gguf-model.ts";
import type {
  Llama,
  LlamaChat,
  LlamaContext,
  LlamaGrammar,
  LlamaMessage,
  LlamaModel,
  LlamaSampling,
} from "./node-llama-cpp.ts";
import { requireGguf } from "./require-gguf.ts";
import { openPool } from "./resource-pool.ts";
import { samplingOf as givenSampling } from "../settings.ts";
import { sequencesOf, type GgufSettings } from "./gguf-settings.ts";
import { beginAsTemplate } from "./template-start.ts";

/** The fields of `sampling.extra` that a local model supports. */
const extras = z.strictObject({
  top_k: z.int().min(0).default(0),
  min_p: z.number().min(0).lt(1).default(0),
});

/**
 * Tokens of a context that stay free: when it is full, the library drops the beginning of the prompt, and some chat templates add a few
 * tokens of their own to an answer.
 */
const reservedTokens = 16;

/**
 * A model from a .gguf file, run on the CPU by `node-llama-cpp`. It generates one prompt per sequence at a time; others wait. Each goes
 * to the free sequence that shares the longest prefix with it.
 *
 * It uses the model's own chat template. Text in messages is never parsed as control tokens. A reasoning model's thoughts are counted
 * but not part of the answer. Repetition penalties are off.
 *
 * @param openModel - The transport closes what it returns
 * @throws FlowError `CONFIG_INVALID` for a field of `sampling.extra` that it does not know, or an adapter that is missing or does not fit
 *   the model; `PROVIDER_FAILED` when the context does not fit into memory; and what `openModel` throws
 */
export async function ggufTransport(
  settings: GgufSettings,
  openModel: () => Promise<GgufModel>,
): Promise<Transport> {
  const fault = faultOfExtras(givenSampling(settings));
  if (fault !== null) throw new FlowError("CONFIG_INVALID", fault);
  if (settings.adapter !== undefined) await requireGguf(settings.adapter, adapterWhere);
  const sequences = sequencesOf(settings);
  const opened = await openModel();
  const { library, llama, model } = opened;
  const context = await openContext(opened, { ...settings, sequences }).catch(
    async (error: unknown) => {
      await opened.close();
      throw error;
    },
  );
  const contextTokens = Math.min(settings.contextTokens, context.contextSize);
  const chats = Array.from(
    { length: sequences },
    () => new library.LlamaChat({ contextSequence: context.getSequence() }),
  );
  for (const chat of chats) beginAsTemplate(chat, model, library);
  const pool = openPool(chats);
  const grammarFor = grammars(llama);

  const answer = async (
    chat: LlamaChat,
    history: readonly LlamaMessage[],
    prompt: readonly number[],
    payload: ChatPayload,
    signal: AbortSignal,
  ): Promise<ChatReply> => {
    const room = contextTokens - prompt.length - reservedTokens;
    const { sampling, schema } = payload;
    const maxTokens = Math.min(sampling.maxTokens, room);
    const grammar = schema === null ? undefined : await grammarFor(schema);
    if (settings.reproducible) await chat.sequence.clearHistory();
    const cachedTokens = Math.min(sharedTokens(chat, prompt), prompt.length - 1);
    const before = chat.sequence.tokenMeter.usedOutputTokens;
    const { response, metadata } = await chat.generateResponse(history, {
      ...samplingOf(payload),
      signal,
      maxTokens,
      ...(grammar && { grammar }),
    });
    const completionTokens = chat.sequence.tokenMeter.usedOutputTokens - before;
    const usage: Usage = { promptTokens: prompt.length, completionTokens, cachedTokens };
    if (metadata.stopReason === "maxTokens") {
      throw new TransportError(
        { kind: "prompt", fault: "length", usage },
        maxTokens < sampling.maxTokens
          ? `cut off after ${maxTokens} tokens: the context of ${contextTokens} tokens is full; raise contextTokens`
          : `cut off after ${maxTokens} tokens; raise sampling.maxTokens`,
      );
    }
    if (response.trim() === "") {
      throw new TransportError({ kind: "prompt", fault: "empty", usage }, "the answer is empty");
    }
    return { text: response, usage };
  };

  return {
    send: async (payload, signal) => {
      signal.throwIfAborted();
      const fault = faultOfExtras(payload.sampling);
      if (fault !== null) throw new TransportError({ kind: "fatal" }, fault);
      const history = payload.messages.map(messageOf);
      const prompt = tokensOf(chats[0], history, model);
      if (prompt.length + reservedTokens >= contextTokens) {
        throw new TransportError(
          { kind: "prompt", fault: "rejected" },
          `the prompt has ${prompt.length} tokens and the context ${contextTokens}, of which ${reservedTokens} are kept free; raise contextTokens`,
        );
      }
      const nearest = (chat: LlamaChat): number => sharedTokens(chat, prompt);
      return pool.use(nearest, signal, async (chat) => {
        try {
          return await answer(chat, history, prompt, payload, signal);
        } catch (error) {
          signal.throwIfAborted();
          if (error instanceof TransportError) throw error;
          throw new TransportError({ kind: "transient" }, reasonOf(error), { cause: error });
        }
      });
    },
    close: async () => {
      await context.dispose();
      await opened.close();
    },
  };
}

const adapterWhere = "The adapter of a role with provider gguf (knowledge.<role>.adapter)";

async function openContext(
  { model, threads, lastWords }: GgufModel,
  { model: path, adapter, sequences, contextTokens }: GgufSettings,
): Promise<LlamaContext> {
  const size = { sequences, contextSize: contextTokens, threads };
  try {
    return await model.createContext({ ...size, ...(adapter !== undefined && { lora: adapter }) });
  } catch (error) {
    const reason = reasonOf(error);
    const more = await lastWords();
    if (adapter !== undefined && /lora/i.test(reason)) {
      throw new FlowError(
        "CONFIG_INVALID",
        `${adapterWhere}, ${adapter}, does not fit the model ${path}: ${more.replace(/^.*lora adapter: /, "") || reason}. ` +
          "It must be a GGUF file of a LoRA adapter that was made for this model.",
        { cause: error },
      );
    }
    throw new FlowError(
      "PROVIDER_FAILED",
      `cannot run the model ${path}: ${reason}${more === "" ? "" : ` (${more})`}. If memory is short, lower contextTokens (${contextTokens}) or sequences (${sequences}).`,
      { cause: error },
    );
  }
}

/** Why a local model does not support this sampling, or null. */
function faultOfExtras({ extra }: Sampling): string | null {
  const checked = extras.safeParse(extra);
  if (checked.success) return null;
  const known = Object.keys(extras.shape).join(" and ");
  return `sampling.extra of a role with provider gguf: ${z.prettifyError(checked.error)}. It knows ${known}.`;
}

/** Caches grammars by schema: creating one may take longer than an answer. */
function grammars(
  llama: Llama,
): (schema: NonNullable<ChatPayload["schema"]>) => Promise<LlamaGrammar> {
  const made = new Map<string, Promise<LlamaGrammar>>();
  return ({ name, schema }) => {
    const text = JSON.stringify(schema);
    const known = made.get(text);
    if (known !== undefined) return known;
    const grammar = llama.createGrammarForJsonSchema(schema).catch((error: unknown) => {
      throw new TransportError(
        { kind: "fatal" },
        `node-llama-cpp cannot follow the schema ${name}: ${reasonOf(error)}. Set structured: tags.`,
        { cause: error },
      );
    });
    made.set(text, grammar);
    return grammar;
  };
}

/** The prompt as the model reads it: in its template, up to the start of the answer. */
function tokensOf(
  chat: LlamaChat | undefined,
  history: readonly LlamaMessage[],
  model: LlamaModel,
): readonly number[] {
  if (chat === undefined) throw new Error("internal: a context without sequences");
  const chatHistory = [...history, { type: "model", response: [] } as const];
  return chat.chatWrapper
    .generateContextState({ chatHistory })
    .contextText.tokenize(model.tokenizer);
}

/** Length of the prefix of a prompt that a sequence still has in memory, tokens. */
function sharedTokens(chat: LlamaChat, prompt: readonly number[]): number {
  return chat.sequence.compareContextTokens(prompt).firstDifferentIndex;
}

function messageOf({ role, content }: ChatMessage): LlamaMessage {
  return role === "assistant"
    ? { type: "model", response: [content] }
    : { type: role, text: content };
}

function samplingOf({
  sampling,
  sample,
}: ChatPayload): Omit<LlamaSampling, "signal" | "maxTokens" | "grammar"> {
  const { temperature, topP, seed, stop, extra } = sampling;
  const { top_k: topK, min_p: minP } = extras.parse(extra);
  return {
    temperature,
    topP,
    topK,
    minP,
    // The sampler's seed is an unsigned integer of 32 bits.
    ...(seed !== null && { seed: (seed + sample) >>> 0 }),
    customStopTriggers: stop,
    repeatPenalty: false,
  };
}
