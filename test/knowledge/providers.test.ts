import { describe, expect, test } from "vitest";
import { domainNouns } from "../../src/knowledge/domain-nouns.ts";
import { openProvider, type RoleSettings } from "../../src/knowledge/providers.ts";
import { knowledgeSettings } from "../../src/knowledge/settings.ts";
import { recordingAsk, scriptedClient } from "./chat/scripted-client.ts";
import { testProvider } from "./provider-contract.ts";
import { randomUser } from "./contexts/make-contexts.ts";

const nouns = domainNouns("film", "viewer");
const user = randomUser(3);

/** A role of the pipeline file, with the defaults filled in. */
function role(actor: object): RoleSettings {
  return knowledgeSettings.parse({ actor }).actor;
}

const noModels = (): never => {
  throw new Error("a model was asked for");
};

testProvider("profiler", () =>
  openProvider(role({ provider: "profiler" }), nouns, { llm: noModels, style: "reason" }),
);

for (const style of ["reason", "kar"] as const) {
  testProvider(`openai in style ${style}`, () => {
    const { client } = scriptedClient(({ promptVersion }) =>
      promptVersion.includes("-reflect@")
        ? "<judgement>unreasonable</judgement><reflection>Too vague.</reflection>"
        : "Enjoys dramas.",
    );
    const llm = () => Promise.resolve({ client: () => Promise.resolve(client) });
    return openProvider(role({ provider: "openai", model: "m" }), nouns, { llm, style });
  });
}

describe("openProvider", () => {
  test("plays a role by the profiler without opening any model", async () => {
    const site = { llm: noModels, style: "reason" } as const;
    const { actors } = await openProvider(role({ provider: "profiler" }), nouns, site);
    const { provider, text } = await actors.user.reason(user, recordingAsk().ask);
    expect(provider).toBe("profiler");
    expect(text).toContain("viewer");
  });

  test.each([
    { provider: "openai", model: "m", structured: "schema", askAgain: 0 },
    { provider: "gguf", model: "m.gguf", structured: "schema", askAgain: 0 },
    { provider: "batch-jsonl", model: "m", structured: "schema", askAgain: 0 },
    { provider: "openai-batch", model: "m", structured: "schema", askAgain: 0 },
  ])(
    "plays a role by the run's client for $provider, with the role's own settings",
    async (actor) => {
      const { client, asked } = scriptedClient(() => "unclear");
      const opened: unknown[] = [];
      const llm = {
        client: (settings: unknown) => {
          opened.push(settings);
          return Promise.resolve(client);
        },
        close: () => Promise.resolve(),
      };
      const settings = role(actor);
      const site = { llm: () => Promise.resolve(llm), style: "reason" } as const;
      const { reflectors } = await openProvider(settings, nouns, site);
      expect(opened).toEqual([settings]);
      await expect(reflectors.user.reflect(user, "k", recordingAsk().ask)).rejects.toThrow(
        "unreadable",
      );
      expect(asked).toHaveLength(1);
      expect(asked[0]?.schema?.name).toBe("judgement");
    },
  );

  test("refuses a chain of thought by the profiler, with the cure, but lets it stand as a reflector", async () => {
    const site = { llm: noModels, style: "kar" } as const;
    const { actors, reflectors } = await openProvider(role({ provider: "profiler" }), nouns, site);
    await expect(actors.user.reason(user, recordingAsk().ask)).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringContaining("knowledge.actor") as unknown,
    });
    const judged = await reflectors.user.reflect(user, "Nothing.", recordingAsk().ask);
    expect(judged.provider).toBe("profiler");
  });
});
