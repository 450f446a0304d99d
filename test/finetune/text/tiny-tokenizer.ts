/** @file A byte-level tokenizer that is small enough to work out by hand: a token per byte, a few merges, special tokens. */

/** GPT-2's printable characters for the 256 bytes: printable ones stand for themselves, the others follow from U+0100. */
const byteLetters = (() => {
  const isPrintable = (byte: number): boolean =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) =>
    String.fromCharCode(isPrintable(byte) ? byte : next++),
  );
})();

const merged = ["Hi", "Ġthere", "Â½", "Â½Â½"];
export const merges = ["H i", "t h", "e r", "th er", "ther e", "Ġ there", "Â ½", "Â½ Â½"];
const between = ["th", "er", "ther", "there"];
const specials = ["<|im_start|>", "<|im_end|>"];

/** All tokens; ids are places. Specials are 264 and 265, `<think>` and `</think>` 266 and 267. */
export const tokens = [...byteLetters, ...merged, ...between, ...specials, "<think>", "</think>"];
export const start = 264;
export const end = 265;
export const idOf = (token: string): number => tokens.indexOf(token);

/** The ids of a text's bytes. */
export const bytesOf = (text: string): readonly number[] => [...Buffer.from(text)];

/** The content of a `tokenizer.json`. */
export const tokenizerJson = {
  normalizer: null,
  pre_tokenizer: {
    type: "Sequence",
    pretokenizers: [
      { type: "Digits", individual_digits: true },
      { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
    ],
  },
  post_processor: null,
  decoder: { type: "ByteLevel" },
  added_tokens: tokens.slice(start).map((content, index) => ({
    ...{ id: start + index, content, special: index < specials.length, normalized: false },
  })),
  model: {
    type: "BPE",
    vocab: Object.fromEntries(tokens.slice(0, start).map((token, id) => [token, id])),
    merges,
  },
};

/** ChatML, as SmolLM2 and Qwen2.5 have it, without a default system prompt. */
export const chatml =
  "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";
