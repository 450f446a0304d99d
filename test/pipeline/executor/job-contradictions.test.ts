import { describe, expect, test } from "vitest";
import { pipelineSettings } from "../../../src/pipeline/settings.ts";

const server = { provider: "openai", model: "m", baseUrl: "http://127.0.0.1:1/v1" };

/** The settings that are refused, by their paths. */
function refused(settings: object): readonly string[] {
  const { error } = pipelineSettings.safeParse(settings);
  return (error?.issues ?? []).map(({ path }) => path.join("."));
}

describe("limits of a run whose stages are jobs", () => {
  const limited = { ...server, limits: { requestsPerMinute: 60, tokensPerMinute: 1e5 } };
  const knowledge = {
    actor: server,
    reflector: limited,
    items: { actor: limited },
    budget: { maxRequests: 10 },
  };
  const expected = [
    "knowledge.budget.maxRequests",
    "knowledge.reflector.limits.requestsPerMinute",
    "knowledge.reflector.limits.tokensPerMinute",
    "knowledge.items.actor.limits.requestsPerMinute",
    "knowledge.items.actor.limits.tokensPerMinute",
  ];

  test.each(["array", "slurm"])(
    "are refused with executor %s, which would keep them per job",
    (name) => {
      expect(refused({ knowledge, runtime: { executor: { [name]: {} } } })).toEqual(expected);
    },
  );

  test("are kept where this process asks", () => {
    expect(refused({ knowledge, runtime: { executor: { array: { stages: ["train"] } } } })).toEqual(
      [],
    );
    expect(refused({ knowledge })).toEqual([]);
  });

  test("of the teacher are refused too", () => {
    const settings = {
      construct: { teacher: limited },
      knowledge: { budget: { maxRequests: 10 } },
      runtime: { executor: { array: { stages: ["construct"] } } },
    };
    expect(refused(settings)).toEqual([
      "knowledge.budget.maxRequests",
      "construct.teacher.limits.requestsPerMinute",
      "construct.teacher.limits.tokensPerMinute",
    ]);
  });
});
