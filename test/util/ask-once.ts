/** @file A process that asks the server in its argument once and closes the transport: it ends if nothing is left open. */

import { chatSettings } from "../../src/llm/settings.ts";
import { openTransport } from "../../src/llm/transports.ts";

const [, , baseUrl] = process.argv;
const settings = chatSettings[0].parse({ provider: "openai", model: "m", baseUrl });
const transport = await openTransport(settings);
const payload = {
  model: "m",
  promptVersion: "p1",
  messages: [{ role: "user" as const, content: "a question" }],
  sampling: settings.sampling,
  schema: null,
  sample: 0,
};
const { text } = await transport.send(payload, new AbortController().signal);
await transport.close();
process.stdout.write(`${text}\n`);
