import { open } from "node:fs/promises";
import { z } from "zod";
import { FlowError, reasonOf } from "../../base/errors.ts";
import { jsonOrNull } from "../../base/json.ts";
import { sha256 } from "../../base/sha256.ts";
import type { ChatMessage } from "../text/chat-tokenizer.ts";
import { chatMessage, type ChatRow } from "./chat-row.ts";

/** Bad lines that are named; the others are counted. */
const namedLines = 5;

/** A file of conversations. */
export interface Chats {
  readonly rows: readonly ChatRow[];
  /** SHA-256 of the conversations in their order. */
  readonly content: string;
}

export interface ReadChatsOptions {
  /** Share of the rows that are kept for validation, 0 to 1. */
  readonly valid: number;
  /** Draws these rows. */
  readonly seed: number;
}

const cure =
  'A row is {"messages": [{"role": "user", "content": …}, {"role": "assistant", "content": …}]} with the answer as its last message, ' +
  'or {"prompt": …, "answer": …} (also "completion" or "response").';

/**
 * Reads JSON lines of conversations, one each. Which rows are for validation depends on their content and the seed, not on their order.
 *
 * @throws `INPUT_INVALID` naming the file, the first bad lines and what is wrong with them; `CONFIG_INVALID` for a file that cannot be read
 */
export async function readChats(file: string, options: ReadChatsOptions): Promise<Chats> {
  const rows: Omit<ChatRow, "isValid">[] = [];
  const faults: string[] = [];
  let number = 0;
  try {
    const handle = await open(file);
    for await (const line of handle.readLines()) {
      number++;
      const text = number === 1 ? line.replace(/^\uFEFF/, "") : line;
      if (text.trim() === "") continue;
      const place = `${file}:${number}`;
      const read = messagesOf(jsonOrNull(text));
      if (typeof read === "string") faults.push(`${place}: ${read}`);
      else rows.push({ place, messages: read });
    }
  } catch (error) {
    throw new FlowError("CONFIG_INVALID", `cannot read ${file}: ${reasonOf(error)}`, {
      cause: error,
    });
  }
  if (faults.length > 0) {
    const more = faults.length - namedLines;
    const rest = more > 0 ? [`and ${more.toLocaleString("en")} more lines`] : [];
    throw new FlowError(
      "INPUT_INVALID",
      [...faults.slice(0, namedLines), ...rest, cure].join("\n"),
    );
  }
  if (rows.length === 0) throw new FlowError("INPUT_INVALID", `${file} holds no rows. ${cure}`);
  const texts = rows.map(({ messages }) => JSON.stringify(messages));
  const valid = drawn(texts, options);
  return {
    rows: rows.map((row, index) => ({ ...row, isValid: valid.has(index) })),
    content: sha256(texts.join("\n")),
  };
}

/** The places of the rows for validation; at least one row stays for training. */
function drawn(texts: readonly string[], { valid, seed }: ReadChatsOptions): ReadonlySet<number> {
  const count = Math.min(texts.length - 1, Math.round(valid * texts.length));
  const ranks = texts.map((text, index) => ({ index, rank: sha256(`${seed}\n${text}`) }));
  ranks.sort((a, b) => (a.rank === b.rank ? a.index - b.index : a.rank < b.rank ? -1 : 1));
  return new Set(ranks.slice(0, count).map(({ index }) => index));
}

const turn = z.union([z.string(), z.array(chatMessage)]);
const answerKeys = ["answer", "completion", "response"] as const;

/** The messages of a row, the last one an answer; or what is wrong with it. */
function messagesOf(row: unknown): readonly ChatMessage[] | string {
  if (row === null || typeof row !== "object" || Array.isArray(row)) return "no JSON object";
  const { messages, prompt, ...others } = row as Readonly<Record<string, unknown>>;
  const given = messages ?? joined(prompt, answerIn(others));
  if (given === null) {
    return `there is neither "messages" nor "prompt" with an answer, only ${Object.keys(row).join(", ") || "nothing"}`;
  }
  const checked = z.array(chatMessage).safeParse(given);
  if (!checked.success) {
    const [issue] = checked.error.issues;
    const where = ["messages", ...(issue?.path ?? [])].map(String).join(".");
    return `${where}: ${issue?.message ?? "not a list of messages"}`;
  }
  return faultOf(checked.data) ?? checked.data;
}

function answerIn(row: Readonly<Record<string, unknown>>): unknown {
  return answerKeys.map((key) => row[key]).find((value) => value !== undefined);
}

/** Prompt and answer as messages; null where one is missing. */
function joined(prompt: unknown, answer: unknown): unknown {
  const asked = turn.safeParse(prompt);
  const said = turn.safeParse(answer);
  if (!asked.success || !said.success) return null;
  const asMessages = (given: z.output<typeof turn>, role: ChatMessage["role"]): unknown[] =>
    typeof given === "string" ? [{ role, content: given }] : given;
  return [...asMessages(asked.data, "user"), ...asMessages(said.data, "assistant")];
}

function faultOf(messages: readonly ChatMessage[]): string | null {
  const answers = messages.filter(({ role }) => role === "assistant").length;
  const last = messages.at(-1);
  if (last?.role !== "assistant") return "the last message is not an assistant's answer";
  if (answers > 1) {
    return `there are ${answers} answers of an assistant; give one row per answer, with what came before in the prompt`;
  }
  if (messages.length === 1) return "there is an answer without a prompt";
  if (last.content.trim() === "") return "the answer is empty";
  return null;
}
