import { describe, expect, test } from "vitest";
import { pipelineSettings } from "../../../src/pipeline/settings.ts";

const server = { provider: "openai", model: "m", baseUrl: "http://127.0.0.1:1/v1" };

/** The settings that are refused, by their paths. */
function refused(settings: object): readonly string[] {
  const { error } = pipelineSettings.safeParse(settings);
  return (error?.issues ?? []).map(({ path }) => path.join("."));
}

describe("the budget of a run whose stages are jobs", () => {
  const limited = { ...server, limits: { requestsPerMinute: 60, tokensPerMinute: 1e5 } };
  const knowledge = { actor: limited, reflector: limited, budget: { maxRequests: 10 } };

  test.each(["array", "slurm", "ray"])(
    "is refused with executor %s, whose jobs would each keep it for itself",
    (name) => {
      expect(refused({ knowledge, runtime: { executor: { [name]: {} } } })).toEqual([
        "knowledge.budget.maxRequests",
      ]);
    },
  );

  test("is kept where this process asks", () => {
    expect(refused({ knowledge, runtime: { executor: { array: { stages: ["train"] } } } })).toEqual(
      [],
    );
    expect(refused({ knowledge })).toEqual([]);
  });

  test("is refused too where jobs ask the teacher", () => {
    const settings = {
      construct: { teacher: limited },
      knowledge: { budget: { maxRequests: 10 } },
      runtime: { executor: { array: { stages: ["construct"] } } },
    };
    expect(refused(settings)).toEqual(["knowledge.budget.maxRequests"]);
  });
});
