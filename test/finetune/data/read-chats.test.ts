import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readChats } from "../../../src/finetune/data/read-chats.ts";
import { scratchFolder } from "../../util/scratch-folder.ts";

async function fileOf(...rows: readonly (object | string)[]): Promise<string> {
  const path = join(await scratchFolder(), "chats.jsonl");
  const lines = rows.map((row) => (typeof row === "string" ? row : JSON.stringify(row)));
  await writeFile(path, `${lines.join("\n")}\n`);
  return path;
}

const read = async (...rows: readonly (object | string)[]) =>
  readChats(await fileOf(...rows), { valid: 0, seed: 1 });

const user = (content: string) => ({ role: "user", content });
const assistant = (content: string) => ({ role: "assistant", content });

describe("readChats", () => {
  test("takes messages, and prompts with an answer under any of its names, as texts or as messages", async () => {
    const system = { role: "system", content: "Be brief." };
    const { rows } = await read(
      { messages: [system, user("2 + 2?"), assistant("4")], weight: 1 },
      "",
      { prompt: "2 + 2?", answer: "4" },
      { prompt: [system, user("2 + 2?")], completion: [assistant("4")] },
      { prompt: "2 + 2?", response: "4" },
    );
    const short = [user("2 + 2?"), assistant("4")];
    expect(rows.map(({ messages }) => messages)).toEqual([
      ...[[system, ...short], short, [system, ...short], short],
    ]);
    expect(rows.map(({ place }) => /:(\d+)$/.exec(place)?.[1])).toEqual(["1", "3", "4", "5"]);
  });

  test.each([
    ["[1]", "no JSON object"],
    ["{", "no JSON object"],
    ['{"text":"x"}', 'there is neither "messages" nor "prompt" with an answer, only text'],
    ['{"prompt":"x"}', 'there is neither "messages" nor "prompt" with an answer, only prompt'],
    [
      '{"messages":[{"role":"user","content":"x"}]}',
      "the last message is not an assistant's answer",
    ],
    ['{"messages":[{"role":"assistant","content":"x"}]}', "there is an answer without a prompt"],
    ['{"prompt":"x","answer":" "}', "the answer is empty"],
    ['{"messages":[{"role":"bot","content":"x"}]}', "messages.0.role: "],
    [
      JSON.stringify({ messages: [user("a"), assistant("b"), user("c"), assistant("d")] }),
      "there are 2 answers of an assistant; give one row per answer",
    ],
  ])("names the line of %s and what is wrong", async (line, fault) => {
    const bad = read({ prompt: "x", answer: "y" }, line);
    await expect(bad).rejects.toMatchObject({ code: "INPUT_INVALID" });
    await expect(bad).rejects.toThrow(`chats.jsonl:2: ${fault}`);
    await expect(bad).rejects.toThrow('A row is {"messages"');
  });

  test("names the first bad lines and counts the others", async () => {
    const bad = read(...Array.from({ length: 8 }, () => "oops"));
    await expect(bad).rejects.toThrow(/chats\.jsonl:5: no JSON object\nand 3 more lines\n/);
  });

  test("refuses an empty file, and names one that is not there", async () => {
    await expect(read("")).rejects.toThrow(/chats\.jsonl holds no rows/);
    await expect(readChats("/none/x.jsonl", { valid: 0, seed: 1 })).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringMatching(/^cannot read \/none\/x\.jsonl: ENOENT/) as string,
    });
  });

  test("draws the share for validation by content and seed, and leaves a row to train on", async () => {
    const rows = Array.from({ length: 20 }, (_, n) => ({ prompt: `${n}?`, answer: `${n}` }));
    const validOf = async (given: readonly object[], valid: number, seed: number) =>
      (await readChats(await fileOf(...given), { valid, seed })).rows
        .filter(({ isValid }) => isValid)
        .map(({ messages }) => messages[1]?.content)
        .sort();
    const drawn = await validOf(rows, 0.25, 1);
    expect(drawn).toHaveLength(5);
    expect(await validOf(rows.toReversed(), 0.25, 1)).toEqual(drawn);
    expect(await validOf(rows, 0.25, 2)).not.toEqual(drawn);
    expect(await validOf(rows.slice(0, 1), 0.9, 1)).toEqual([]);
  });
});
