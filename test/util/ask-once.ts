/** @file A process that asks the server in its argument once and closes the transport: it ends if nothing is left open. */

import { openaiSettings } from "../../src/llm/openai/openai-settings.ts";
import { samplingOf } from "../../src/llm/settings.ts";
import { openaiTransport } from "../../src/llm/openai/openai-transport.ts";

const [, , baseUrl] = process.argv;
const settings = openaiSettings.parse({ provider: "openai", model: "m", baseUrl });
const transport = await openaiTransport(settings);
const payload = {
  model: "m",
  promptVersion: "p1",
  messages: [{ role: "user" as const, content: "a question" }],
  sampling: samplingOf(settings),
  schema: null,
  sample: 0,
};
const { text } = await transport.send(payload, new AbortController().signal);
await transport.close();
process.stdout.write(`${text}\n`);
