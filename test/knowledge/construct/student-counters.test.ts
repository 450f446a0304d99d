import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { constructSettings } from "../../../src/knowledge/construct/settings.ts";
import {
  countingIdentity,
  openStudentCounters,
} from "../../../src/knowledge/construct/student-counters.ts";
import { knowledgeSettings } from "../../../src/knowledge/settings.ts";

const model = (tokenizer?: string) => ({
  provider: "openai",
  model: "m",
  ...(tokenizer !== undefined && { tokenizer }),
});
const construct = (tokenizer?: string) => constructSettings.parse({ teacher: model(tokenizer) });

describe("the counters of a student", () => {
  test("are those of the model that plays the role, of one side before both, else the teacher's", () => {
    const knowledge = knowledgeSettings.parse({
      actor: model("both.json"),
      reflector: { provider: "profiler" },
      items: { actor: model("items.json") },
    });
    const settings = { construct: construct("teacher.json"), knowledge };
    expect(countingIdentity(settings, "user")).toEqual({
      actor: "both.json",
      reflector: "teacher.json",
    });
    expect(countingIdentity(settings, "item")).toEqual({
      actor: "items.json",
      reflector: "teacher.json",
    });
  });

  test("estimate where no tokenizer is given, and add nothing to what decides the rows", async () => {
    const settings = { construct: construct(), knowledge: knowledgeSettings.parse({}) };
    expect(countingIdentity(settings, "user")).toEqual({});
    const { actor, reflector } = await openStudentCounters(settings, "user");
    expect([actor.method, reflector.method]).toEqual(["estimated", "estimated"]);
    expect(actor.count("nine char")).toBe(3);
  });

  test("a tokenizer that cannot be read is an error that names file and setting", async () => {
    const path = join(import.meta.dirname, "no-such-tokenizer.json");
    const settings = { construct: construct(path), knowledge: knowledgeSettings.parse({}) };
    await expect(openStudentCounters(settings, "user")).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringContaining(`${path}, the setting tokenizer of a role`) as unknown,
    });
  });
});
