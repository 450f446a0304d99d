/** A message of a conversation. */
export interface ChatMessage {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

/** A conversation that ends with an answer, in token ids. */
export interface EncodedChat {
  /** From the beginning to where the model is to answer. */
  readonly prompt: readonly number[];
  /** The answer with the token that ends it. */
  readonly answer: readonly number[];
}

/** A model's tokenizer with its chat template. */
export interface ChatTokenizer {
  /**
   * @param messages - The last one is the answer, and the only one of an assistant
   * @throws FlowError `INPUT_INVALID` where the template cannot render the messages, or not such that the prompt begins the whole
   */
  readonly encode: (messages: readonly ChatMessage[]) => EncodedChat;
  /** One more than the highest token id. */
  readonly vocabulary: number;
  /** Token of the places of a row that hold no text. */
  readonly paddingId: number;
}
