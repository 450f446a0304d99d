import { z } from "zod";
import type { ChatMessage } from "../text/chat-tokenizer.ts";

export const chatMessage = z.object({
  role: z.enum(["system", "user", "assistant"]),
  content: z.string(),
}) satisfies z.ZodType<ChatMessage>;

/** A conversation that ends with the answer to learn. */
export interface ChatRow {
  /** The row's place, for errors, such as "sft_reason: item 12, sample 0" or "chats.jsonl:7". */
  readonly place: string;
  /** The last one is the answer. */
  readonly messages: readonly ChatMessage[];
  readonly isValid: boolean;
}
