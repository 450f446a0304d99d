import { describe, expect, test } from "vitest";
import { equalTextsFault } from "../../src/knowledge/filter-texts.ts";
import { knowledgeSettings, sideIdentity, sideSettings } from "../../src/knowledge/settings.ts";
import { answerIdentity } from "../../src/llm/settings.ts";
import { asksModel } from "../../src/knowledge/providers.ts";

const model = { provider: "openai", model: "m" } as const;
const side = (settings: object) => sideSettings(knowledgeSettings.parse(settings), "user");
const faultOf = (settings: object): string | null => equalTextsFault(side(settings));
const temperatureOf = (settings: object): unknown => {
  const { actor, reflector } = side({ reflector: model, ...settings });
  if (!asksModel(actor) || !asksModel(reflector)) return "profiler";
  expect(answerIdentity(reflector)).toMatchObject({ sampling: { temperature: 0 } });
  return answerIdentity(actor)["sampling"];
};
const at = (temperature: number): object => ({ ...model, sampling: { temperature } });

describe("texts of strategy filter", () => {
  test.each<[string, object, number]>([
    ["filter", { strategy: "filter", actor: model }, 0.7],
    ["filter with its own", { strategy: "filter", actor: at(0.4) }, 0.4],
    ["filter of users alone", { users: { strategy: "filter" }, actor: model }, 0.7],
    ["filter of items", { items: { strategy: "filter" }, actor: model }, 0],
    ["filter of one text", { strategy: "filter", samples: 1, actor: model }, 0],
    ["iterate", { actor: model }, 0],
    ["reason", { strategy: "reason", actor: at(0.2) }, 0.2],
  ])("an actor of %s samples as it should", (_name, settings, temperature) => {
    expect(temperatureOf(settings)).toMatchObject({ temperature });
  });

  test.each<[string, object, RegExp | null]>([
    [
      "the profiler",
      {},
      /3 texts.*profiler.*name a chat model as knowledge\.actor, set knowledge\.samples to 1/u,
    ],
    [
      "temperature 0",
      { samples: 2, actor: at(0) },
      /2 texts.*leave the actor's sampling\.temperature out \(then it is 0\.7\)/u,
    ],
    [
      "0 in extra",
      { actor: { ...model, sampling: { extra: { temperature: 0 } } } },
      /temperature 0/u,
    ],
    [
      "the server's own",
      { actor: { ...model, sampling: { temperature: 0, extra: { temperature: null } } } },
      null,
    ],
    ["one text of the profiler", { samples: 1 }, null],
    ["one text at 0", { samples: 1, actor: at(0) }, null],
    ["no temperature", { actor: model }, null],
    ["some temperature", { actor: at(0.1) }, null],
  ])("are refused where they would be equal: %s", (_name, settings, message) => {
    const fault = faultOf({ strategy: "filter", ...settings });
    if (message === null) expect(fault).toBeNull();
    else expect(fault).toMatch(message);
  });

  test("an actor whose temperature is not named is the one that has 0, outside of filter", () => {
    const identity = (settings: object): object =>
      sideIdentity(knowledgeSettings.parse({ reflector: model, ...settings }), "item");
    expect(identity({ actor: model })).toEqual(identity({ actor: at(0) }));
    expect(identity({ strategy: "filter", actor: model })).toEqual(
      identity({ strategy: "filter", actor: at(0.7) }),
    );
  });
});
