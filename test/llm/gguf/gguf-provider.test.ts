import { copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ChatClient } from "../../../src/llm/chat.ts";
import type { LiveModel } from "../../../src/llm/chat-provider.ts";
import { ggufProvider } from "../../../src/llm/gguf/gguf-provider.ts";
import { ggufSettings } from "../../../src/llm/gguf/gguf-settings.ts";
import { answerIdentity } from "../../../src/llm/settings.ts";
import { scratchFolder } from "../../util/scratch-folder.ts";

/** What the provider says of a model before anything is loaded. */
async function liveModelOf(adapter?: string): Promise<LiveModel> {
  const settings = ggufSettings.parse({ provider: "gguf", model: "m.gguf", adapter });
  return new Promise((resolve, reject) => {
    const unused = (): never => {
      throw new Error("internal: not asked for");
    };
    ggufProvider
      .open(settings, {
        cache: { get: unused, put: unused, forget: unused, spent: unused, close: unused },
        queueDir: "",
        sharedUntilClose: unused,
        liveClient: (model): Promise<ChatClient> => {
          resolve(model);
          return Promise.reject(new Error("internal: no client is needed"));
        },
      })
      .catch(reject);
  });
}

describe("ggufProvider", () => {
  test("names a model by the content of its adapter, not by its path", async () => {
    const folder = await scratchFolder();
    const [first, copy, other] = ["a.gguf", "b.gguf", "c.gguf"].map((name) => join(folder, name));
    if (first === undefined || copy === undefined || other === undefined) throw new Error("three");
    await writeFile(first, "GGUF one");
    await copyFile(first, copy);
    await writeFile(other, "GGUF two");
    const { answeredBy } = await liveModelOf(first);
    expect(answeredBy).toMatch(/^m\.gguf\+lora:[0-9a-f]{16}$/);
    expect((await liveModelOf(copy)).answeredBy).toBe(answeredBy);
    expect((await liveModelOf(other)).answeredBy).not.toBe(answeredBy);
    expect((await liveModelOf()).answeredBy).toBe("m.gguf");
  });

  test("refuses a missing adapter before anything is loaded", async () => {
    const missing = liveModelOf("none.gguf");
    await expect(missing).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    await expect(missing).rejects.toThrow(/knowledge\.<role>\.adapter\) names the file none\.gguf/);
  });

  test("an adapter is part of what decides a task's answers; without one nothing has changed", () => {
    const of = (adapter?: string): object =>
      answerIdentity(ggufSettings.parse({ provider: "gguf", model: "m.gguf", adapter }));
    expect(of("a.gguf")).toMatchObject({ model: "m.gguf", adapter: "a.gguf" });
    expect(of()).not.toHaveProperty("adapter");
  });
});
