/** @file The pipelines of the paper's tables and figures: that each is accepted, asks one server, and can be tried without one. */
import { readdir, readFile } from "node:fs/promises";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { sideSettings } from "../../src/knowledge/settings.ts";
import { pipelineJsonSchema } from "../../src/pipeline/json-schema.ts";
import { loadPipeline } from "../../src/pipeline/load-pipeline.ts";

const files = (await readdir("pipelines/paper")).sort();
const pathOf = (file: string): string => `pipelines/paper/${file}`;

/** What `--set` gives in the commented commands of a file, one list per command. */
async function commandsOf(file: string): Promise<readonly (readonly string[])[]> {
  const text = await readFile(pathOf(file), "utf8");
  const comments = text
    .split("\n")
    .filter((line) => line.startsWith("#"))
    .map((line) => line.slice(1).trim())
    .join("\n")
    .replaceAll("\\\n", "");
  return comments
    .split("\n")
    .filter((line) => line.startsWith(`npx r4ec run ${pathOf(file)}`))
    .map((line) =>
      [...line.matchAll(/--set ([\w.]+=)(?:'([^']*)'|(\S+))/g)].map(
        ([, key = "", quoted, bare]) => key + (quoted ?? bare ?? ""),
      ),
    );
}

describe("pipelines/paper", () => {
  test("has a file for each table and figure", () => {
    expect(files).toEqual([
      ...["fig4-reflector-size.yaml", "fig5-actor-size.yaml", "fig6-strategies.yaml"],
      ...["fig7-rounds.yaml", "table2-amazon-books.yaml", "table2-ml-1m.yaml"],
      "table4-encoders.yaml",
    ]);
  });

  const schema = new Ajv({ allErrors: true, validateFormats: false }).compile(pipelineJsonSchema());

  test.each(files)("%s fits the schema that it names, and is called what it is", async (file) => {
    const text = await readFile(pathOf(file), "utf8");
    expect(text).toMatch(/^# yaml-language-server: \$schema=\.\.\/schema\.json\n/);
    schema(parse(text));
    expect(schema.errors ?? []).toEqual([]);
    expect(await loadPipeline(pathOf(file))).toMatchObject({
      name: file.replace(".yaml", ""),
      protocol: "reference",
      samples: { history: 5 },
      train: { connector: "hea", schedule: "constant" },
      report: {
        paper: expect.stringMatching(/^(table[24]-ml-1m|table2-amazon-books|fig[4-7])$/) as unknown,
      },
    });
  });

  test.each(files)("%s asks all its models at one address", async (file) => {
    const baseUrl = "http://one.example:8000/v1";
    const { resolved } = await loadPipeline(pathOf(file), [`knowledge.actor.baseUrl=${baseUrl}`]);
    const players = resolved.texts.flatMap(({ knowledge }) =>
      (["user", "item"] as const).flatMap((subject) => {
        const { actor, reflector } = sideSettings(knowledge, subject);
        return [actor, reflector];
      }),
    );
    expect(players.length).toBeGreaterThan(0);
    for (const player of players) expect(player).toMatchObject({ provider: "openai", baseUrl });
  });

  test.each(files)("%s runs as its header says, with a server and without", async (file) => {
    const commands = await commandsOf(file);
    expect(commands).toHaveLength(2);
    const [served, profiled] = await Promise.all(
      commands.map((sets) => loadPipeline(pathOf(file), sets)),
    );
    expect(served?.knowledge.actor.provider).toBe("openai");
    expect(profiled).toMatchObject({
      dataset: { source: "quickstart" },
      knowledge: { actor: { provider: "profiler" }, reflector: { provider: "profiler" } },
      train: { grid: {} },
    });
    expect(Object.keys(profiled?.expect ?? {})).toEqual([]);
  });

  test("Amazon-Book is held to the published counts", async () => {
    for (const file of ["table2-amazon-books.yaml", "fig4-reflector-size.yaml"]) {
      expect(await loadPipeline(pathOf(file))).toMatchObject({
        dataset: { source: "amazon", kCore: { users: 60, items: 40 } },
        expect: { users: 11_906, items: 17_332, train: 1_144_308, test: 309_898 },
      });
    }
  });
});
