import { describe, expect, test } from "vitest";
import type { EncodedChat } from "../../../src/finetune/text/chat-tokenizer.ts";
import {
  chatTokens,
  dropLongChats,
  noLabel,
  packChats,
} from "../../../src/finetune/text/pack-chats.ts";

/** A conversation of prompt 10, 11, … and answer 20, 21, …, times a factor. */
const chat = (prompt: number, answer: number, factor = 1): EncodedChat => ({
  prompt: Array.from({ length: prompt }, (_, index) => factor * (10 + index)),
  answer: Array.from({ length: answer }, (_, index) => factor * (20 + index)),
});

describe("packChats", () => {
  test("labels the answer's tokens at the places before them, and never across conversations", () => {
    const [row, ...others] = packChats([chat(2, 2), chat(1, 2, 10)], 8);
    expect(others).toEqual([]);
    expect([...(row?.ids ?? [])]).toEqual([10, 11, 20, 21, 100, 200, 210]);
    expect([...(row?.labels ?? [])]).toEqual([noLabel, 20, 21, noLabel, 200, 210, noLabel]);
    expect([...(row?.positions ?? [])]).toEqual([0, 1, 2, 3, 0, 1, 2]);
    expect([...(row?.segments ?? [])]).toEqual([0, 0, 0, 0, 1, 1, 1]);
    expect(row?.chats).toEqual([0, 1]);
  });

  test("does not label the first token of a conversation without a prompt", () => {
    const rows = packChats([chat(1, 2), chat(0, 2)], 5);
    expect(rows.map(({ labels }) => [...labels])).toEqual([[20, 21, noLabel, 21, noLabel]]);
  });

  test("puts the longest first, each into the first row that has room", () => {
    const chats = [chat(1, 1), chat(4, 2), chat(1, 2), chat(4, 1), chat(1, 1), chat(2, 1)];
    const rows = packChats(chats, 8);
    expect(rows.map((row) => row.chats)).toEqual([
      [1, 0],
      [3, 2],
      [5, 4],
    ]);
    expect(rows.map(({ ids }) => ids.length)).toEqual([8, 8, 5]);
  });

  test("keeps every conversation once, and gives the same rows each time", () => {
    const chats = Array.from({ length: 200 }, (_, index) => chat(1 + (index % 7), 1 + (index % 5)));
    const rows = packChats(chats, 16);
    expect(rows).toEqual(packChats(chats, 16));
    expect(rows.flatMap((row) => row.chats).sort((a, b) => a - b)).toEqual([...chats.keys()]);
    const tokens = rows.map(({ ids }) => ids.length);
    expect(Math.max(...tokens)).toBeLessThanOrEqual(16);
  });

  test("refuses conversations that are longer than a row, and counts them", () => {
    const chats = [chat(1000, 1101), chat(1, 1), chat(2000, 1101)];
    expect(() => packChats(chats, 2048)).toThrow(
      expect.objectContaining({
        code: "INPUT_INVALID",
        message:
          "2 of 3 rows have more than 2,048 tokens (longest 3,101): raise maxTokens, or leave such rows out",
      }),
    );
    expect(packChats([chat(1000, 1048)], 2048)).toHaveLength(1);
  });
});

test("dropLongChats leaves out what is too long and counts it", () => {
  const chats = [chat(2, 2), chat(2, 3), chat(1, 1)];
  expect(chats.map(chatTokens)).toEqual([4, 5, 2]);
  expect(dropLongChats(chats, 4)).toEqual({ kept: [chats[0], chats[2]], dropped: 1 });
});
