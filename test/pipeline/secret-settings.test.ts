import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadPipeline, parsePipeline } from "../../src/pipeline/load-pipeline.ts";
import { makeReport } from "../../src/pipeline/make-report.ts";
import { planPipeline } from "../../src/pipeline/plan/plan-pipeline.ts";
import { fileOf, settingsPath, writeRunSettings } from "../../src/pipeline/run-folder.ts";
import { runPipeline } from "../../src/pipeline/run-pipeline.ts";
import { refuseSecrets } from "../../src/pipeline/secret-settings.ts";
import { scratchFolder } from "../util/scratch-folder.ts";

const marker = "Zk93mQ71xW52";
const actor = (fields: string): string =>
  `name: small\nknowledge: { actor: { provider: openai, model: m, baseUrl: "http://h/v1", ${fields} } }`;

/** Pipeline files that hold {@link marker} as a key, and what the refusal says of each. */
const faulty: readonly (readonly [string, string, RegExp])[] = [
  [
    "an authorising header",
    actor(`headers: { Authorization: "Bearer ${marker}" }`),
    /^knowledge\.actor\.headers\.Authorization holds .*headers: \{ Authorization: "\$\{VARIABLE\}" \}, and export VARIABLE=/,
  ],
  [
    "a header with a name of its own",
    actor(`headers: { x-portal-key: ${marker} }`),
    /^knowledge\.actor\.headers\.x-portal-key holds/,
  ],
  [
    "a header beside a variable",
    actor(`headers: { api-key: "\${A}${marker}" }`),
    /^knowledge\.actor\.headers\.api-key holds/,
  ],
  [
    "a harmless header's value",
    actor(`headers: { x-title: sk-proj-${marker}${marker} }`),
    /^knowledge\.actor\.headers\.x-title holds/,
  ],
  [
    "a query",
    actor("").replace("http://h/v1", `http://h/v1?key=${marker}`),
    /^knowledge\.actor\.baseUrl holds a URL whose parameter key .*send it as a header/,
  ],
  [
    "one of several base URLs",
    actor("").replace('"http://h/v1"', `["http://g/v1", "http://me:${marker}@h/v1"]`),
    /^knowledge\.actor\.baseUrl\.1 holds a URL with a user or password/,
  ],
  [
    "the body",
    actor(`sampling: { extra: { auth: { api_key: ${marker} } } }`),
    /^knowledge\.actor\.sampling\.extra\.auth\.api_key holds/,
  ],
  [
    "the name of a variable",
    actor(`apiKeyEnv: hf_${marker}${marker}`),
    /^knowledge\.actor\.apiKeyEnv takes the name of an environment variable/,
  ],
  [
    "the encoder",
    `name: small\nencode: { encoder: "openai:m@https://me:${marker}@h/v1" }`,
    /^encode\.encoder holds a URL with a user/,
  ],
  [
    "the encoder's headers",
    `name: small\nencode: { remote: { headers: { X-Token: ${marker} } } }`,
    /^encode\.remote\.headers\.X-Token holds/,
  ],
  [
    "the teacher",
    `name: small\nconstruct: { teacher: { provider: openai-batch, model: m, headers: { api-key: ${marker} } } }`,
    /^construct\.teacher\.headers\.api-key holds/,
  ],
  [
    "the data's address",
    `name: small\ndataset: { source: csv, interactions: "https://h/a.csv?sig=${marker}", columns: { user: u, item: i, rating: r, time: t }, positiveAbove: 3, items: { path: i.csv, id: item } }`,
    /^dataset\.interactions(?:\.0)? holds a URL whose parameter sig .*download the file/,
  ],
];

describe("a key in the settings", () => {
  test.each(faulty)("%s: is refused before anything is written", async (_where, text, message) => {
    const settings = parsePipeline(text, "p.yaml");
    const folder = await scratchFolder();
    const runDir = join(folder, "run");
    const { signal } = new AbortController();
    const refused = {
      code: "CONFIG_INVALID",
      message: expect.stringMatching(message) as unknown,
    };
    const running = runPipeline({ settings, runDir, signal, onEvent: () => undefined });
    await expect(running).rejects.toMatchObject(refused);
    await expect(running).rejects.not.toThrow(marker);
    await expect(planPipeline(settings, runDir)).rejects.toMatchObject(refused);
    expect(await readdir(folder)).toEqual([]);
  });

  test.each([
    actor(`headers: { Authorization: "Bearer \${NAME}", api-key: "\${OTHER}", x-title: films }`),
    actor("headers: { Authorization: Bearer EMPTY, OpenAI-Project: proj_AbCdEf1234567890AbCd }"),
    actor("sampling: { extra: { prompt_cache_key: films, top_k: 20, stop_token: '</s>' } }"),
    actor("").replace("http://h/v1", "https://h/v1?api-version=2024-10-21"),
    "name: small\nencode: { encoder: 'openai:BAAI/bge-m3@http://127.0.0.1:8000/v1' }",
  ])("nothing is refused in %s", (text) => {
    expect(() => {
      refuseSecrets(fileOf(parsePipeline(text, "p.yaml")));
    }).not.toThrow();
  });

  test("a run that has one from before is read, and its report hides it", async () => {
    const runDir = await scratchFolder();
    for (const [, text] of faulty) {
      await writeRunSettings(runDir, parsePipeline(text, "p.yaml"));
      expect(await readFile(settingsPath(runDir), "utf8")).toContain(marker);
      await loadPipeline(settingsPath(runDir));
      await makeReport(runDir);
      const written = ["results.json", "report/index.html"].map((name) =>
        readFile(join(runDir, name), "utf8"),
      );
      for (const page of await Promise.all(written)) expect(page).not.toContain(marker);
    }
  });
});
