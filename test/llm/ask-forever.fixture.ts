import { join } from "node:path";
import { openLlm } from "../../src/llm/llm.ts";
import { openaiSettings } from "../../src/llm/openai/openai-settings.ts";

/** Asks a server until it is killed. Arguments: folder of the cache, base URL. */
const [dir = "", baseUrl = ""] = process.argv.slice(2);
const llm = await openLlm({
  ...{ cacheDir: dir, queueDir: join(dir, "queue"), runId: "run", budget: {}, prices: {} },
});
const client = await llm.client(
  openaiSettings.parse({ provider: "openai", model: "m-1", baseUrl, limits: { inFlight: 20 } }),
);
const { signal } = new AbortController();
let number = 0;
async function ask(): Promise<never> {
  for (;;) {
    const content = `${process.pid} ${number++}`;
    const messages = [{ role: "user", content }] as const;
    await client.ask({ promptVersion: "p1", messages, schema: null, sample: 0 }, signal);
  }
}
await Promise.all(Array.from({ length: 20 }, ask));
