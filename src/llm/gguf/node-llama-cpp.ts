/** @file What is used of `node-llama-cpp`, which is not installed unless a model is run from a file. Names and meanings are its own. */

import { FlowError, reasonOf } from "../../base/errors.ts";
import type { Json } from "../../base/json.ts";

/** The version this was written for and tested with. */
const nodeLlamaCppVersion = "3.22.1";

/** The module `node-llama-cpp`. */
export interface NodeLlamaCpp {
  readonly getLlama: (options: {
    readonly gpu: false;
    readonly build: "never";
    readonly maxThreads: number;
    readonly logLevel: "error";
    readonly logger: (level: string, message: string) => void;
  }) => Promise<Llama>;
  readonly LlamaChat: new (options: { readonly contextSequence: LlamaSequence }) => LlamaChat;
  readonly LlamaText: (values: readonly unknown[]) => LlamaText;
  /** A control token by its part, such as BOS. */
  readonly SpecialToken: new (value: string) => { readonly value: string };
}

/** The native library, loaded. */
export interface Llama {
  readonly loadModel: (options: { readonly modelPath: string }) => Promise<LlamaModel>;
  /** Rejects for a schema that its grammar cannot express. */
  readonly createGrammarForJsonSchema: (schema: Json) => Promise<LlamaGrammar>;
  /** Frees models and contexts too. */
  readonly dispose: () => Promise<void>;
}

/** A grammar; holds no state, so that sequences may share it. */
export type LlamaGrammar = object;

export interface LlamaModel {
  readonly tokenizer: unknown;
  readonly tokens: { readonly shouldPrependBosToken: boolean };
  readonly fileInfo: {
    readonly metadata: { readonly tokenizer?: { readonly chat_template?: string } };
  };
  readonly createContext: (options: {
    readonly sequences: number;
    readonly contextSize: number;
    readonly threads: number;
    /** Path of a GGUF adapter. The file is loaded once per model. */
    readonly lora?: string;
  }) => Promise<LlamaContext>;
}

export interface LlamaContext {
  /** Of one sequence, tokens; at least what was asked for. */
  readonly contextSize: number;
  readonly getSequence: () => LlamaSequence;
  readonly dispose: () => Promise<void>;
}

/** One of several generations under way in a context. Keeps what it has read last. */
export interface LlamaSequence {
  readonly tokenMeter: { readonly usedOutputTokens: number };
  readonly compareContextTokens: (tokens: readonly number[]) => {
    readonly firstDifferentIndex: number;
  };
  /** Forgets what it has read. */
  readonly clearHistory: () => Promise<void>;
}

/** A message as the library has them. */
export type LlamaMessage =
  | { readonly type: "system" | "user"; readonly text: string }
  | { readonly type: "model"; readonly response: readonly string[] };

/** Text and control tokens. */
export interface LlamaText {
  readonly values: readonly unknown[];
  readonly tokenize: (tokenizer: unknown) => readonly number[];
}

/** A sequence with the chat template of its model. */
export interface LlamaChat {
  readonly sequence: LlamaSequence;
  readonly chatWrapper: {
    generateContextState: (options: { readonly chatHistory: readonly LlamaMessage[] }) => {
      readonly contextText: LlamaText;
    };
  };
  readonly generateResponse: (
    history: readonly LlamaMessage[],
    options: LlamaSampling,
  ) => Promise<LlamaResponse>;
}

export interface LlamaSampling {
  readonly signal: AbortSignal;
  readonly maxTokens: number;
  readonly temperature: number;
  readonly topP: number;
  /** 0: no limit. */
  readonly topK: number;
  readonly minP: number;
  /** Unset: the clock. */
  readonly seed?: number;
  readonly customStopTriggers: readonly string[];
  readonly repeatPenalty: false;
  readonly grammar?: LlamaGrammar;
}

export interface LlamaResponse {
  /** Without a reasoning model's thoughts. */
  readonly response: string;
  readonly metadata: { readonly stopReason: string };
}

/**
 * Loads `node-llama-cpp`.
 *
 * @param load - For tests
 * @throws FlowError `DEPENDENCY_MISSING` with the command that installs it
 */
export async function loadNodeLlamaCpp(
  load: () => Promise<unknown> = importNodeLlamaCpp,
): Promise<NodeLlamaCpp> {
  const cure = `Install it beside r4ec: npm install node-llama-cpp@${nodeLlamaCppVersion}`;
  const loaded = await load().catch((error: unknown) => {
    throw new FlowError(
      "DEPENDENCY_MISSING",
      `The provider gguf needs the package node-llama-cpp, which cannot be loaded here. ${cure} (${reasonOf(error)})`,
      { cause: error },
    );
  });
  if (isNodeLlamaCpp(loaded)) return loaded;
  throw new FlowError(
    "DEPENDENCY_MISSING",
    `The node-llama-cpp that is installed here has no getLlama or no LlamaChat: it is of another version. ${cure}`,
  );
}

/** By a name that the compiler does not follow: it need not be installed. */
function importNodeLlamaCpp(): Promise<unknown> {
  const name: string = "node-llama-cpp";
  return import(name);
}

function isNodeLlamaCpp(module: unknown): module is NodeLlamaCpp {
  return (
    typeof module === "object" &&
    module !== null &&
    "getLlama" in module &&
    typeof module.getLlama === "function" &&
    "LlamaChat" in module &&
    typeof module.LlamaChat === "function"
  );
}
