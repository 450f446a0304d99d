import { openAnswerCache } from "../../src/llm/cache/answer-cache.ts";
import { storedAnswer } from "./answer-fixture.ts";

/** Puts answers from a number on until it is killed, and says so of each once it is put. Arguments: dir, first number. */
const [dir = "", first = "0"] = process.argv.slice(2);
const cache = await openAnswerCache({ dir, runId: "killed" });
let number = Number(first);
async function put(): Promise<never> {
  for (;;) {
    const name = String(number++);
    await cache.put(storedAnswer(name, { answer: { status: "ok", text: name.repeat(200) } }));
    process.stdout.write(`${name}\n`);
  }
}
await Promise.all(Array.from({ length: 16 }, put));
