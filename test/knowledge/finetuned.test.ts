import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  adapterParts,
  finetunedRoles,
  loadedRoles,
  withOwnAdapters,
  type RunAdapter,
} from "../../src/knowledge/finetuned.ts";
import { knowledgeSettings, sideSettings } from "../../src/knowledge/settings.ts";
import type { FileRef } from "../../src/flow/task.ts";
import { makeRunTable } from "../util/hand-made-table.ts";
import { useMemoryDatabase } from "../util/memory-database.ts";

const memory = useMemoryDatabase();

const own = { provider: "gguf", model: "m.gguf", adapter: "finetuned" };
const other = { provider: "gguf", model: "m.gguf", adapter: "mine.gguf" };

describe("finetunedRoles", () => {
  test("are those with the run's own adapter, and the reflector only where it is asked", () => {
    const rolesOf = (settings: object) => finetunedRoles(knowledgeSettings.parse(settings), "user");
    expect(rolesOf({ actor: own, reflector: own })).toEqual(["actor", "reflector"]);
    expect(rolesOf({ strategy: "reason", actor: own, reflector: own })).toEqual(["actor"]);
    expect(rolesOf({ actor: other, users: { reflector: own } })).toEqual(["reflector"]);
    expect(rolesOf({ items: { actor: own } })).toEqual([]);
  });
});

describe("loadedRoles", () => {
  test.each(["openai", "batch-jsonl", "openai-batch"])(
    "are not those that a server plays (%s), although these are fine-tuned too",
    (provider) => {
      const served = { provider, model: "finetuned" };
      const settings = knowledgeSettings.parse({ actor: served, reflector: own });
      expect(finetunedRoles(settings, "user")).toEqual(["actor", "reflector"]);
      expect(loadedRoles(settings, "user")).toEqual(["reflector"]);
    },
  );
});

describe("adapterParts", () => {
  test("are the parts of the subject's roles, by the order in which they were trained", () => {
    const trained: readonly RunAdapter[] = [
      ...(["user", "item"] as const).flatMap((subject) => [
        { subject, role: "actor" } as const,
        { subject, role: "reflector" } as const,
      ]),
    ];
    const parts = ["ua", "ur", "ia", "ir"].map((path): FileRef => ({
      ...{ table: "adapters", path, rows: 1, bytes: 1, sha256: path },
    }));
    const pathsOf = (...args: readonly ["user" | "item", ...("actor" | "reflector")[]]) => {
      const [subject, ...roles] = args;
      return adapterParts({ adapters: parts }, trained, subject, roles)["adapters"]?.map(
        ({ path }) => path,
      );
    };
    expect(pathsOf("item", "reflector")).toEqual(["ir"]);
    expect(pathsOf("user", "actor", "reflector")).toEqual(["ua", "ur"]);
    expect(pathsOf("user")).toBeUndefined();
  });
});

/** By `knowledge/adapters`. */
describe("withOwnAdapters", () => {
  const settingsOf = (settings: object) => sideSettings(knowledgeSettings.parse(settings), "item");
  const place = { subject: "item", runDir: "/runs/r" } as const;
  const adapters = (...rows: readonly (readonly [string, string, string])[]) =>
    makeRunTable(
      memory.db,
      "adapters",
      rows.map(([subject, role, path]) => ({ subject, role, path })),
    );

  test("puts the file of the run's adapter in place of the word, role by role", async () => {
    await adapters(
      ["item", "actor", "adapters/item-actor-1"],
      ["user", "actor", "adapters/user-actor-2"],
    );
    const settings = settingsOf({ actor: own, reflector: other });
    expect(await withOwnAdapters(memory.db, settings, place)).toMatchObject({
      actor: { adapter: join("/runs/r", "adapters/item-actor-1", "adapter.gguf") },
      reflector: { adapter: "mine.gguf" },
    });
  });

  test("looks only for the roles it is told, where others are not there", async () => {
    await adapters(["item", "actor", "adapters/a"]);
    const settings = settingsOf({ actor: own, reflector: own });
    const found = await withOwnAdapters(memory.db, settings, { ...place, roles: ["actor"] });
    expect(found).toMatchObject({
      actor: { adapter: join("/runs/r", "adapters/a", "adapter.gguf") },
      reflector: { adapter: "finetuned" },
    });
  });

  test("reads no table where no role has one of the run's own", async () => {
    const settings = settingsOf({ actor: other });
    expect(await withOwnAdapters(memory.db, settings, place)).toBe(settings);
  });

  test("refuses to ask a server for a model of that name, where it is not known what it serves", async () => {
    await adapters();
    const served = { provider: "openai", model: "finetuned" };
    await expect(
      withOwnAdapters(memory.db, settingsOf({ strategy: "reason", actor: served }), place),
    ).rejects.toThrow(
      "no server is known to serve the actor about items: name its model in finetune.adapters.items.actor",
    );
  });

  test("names the role whose adapter is not there", async () => {
    await adapters(["item", "reflector", "adapters/x"]);
    await expect(withOwnAdapters(memory.db, settingsOf({ actor: own }), place)).rejects.toThrow(
      "the run has no adapter for the actor about items: run its stage finetune again",
    );
  });
});
