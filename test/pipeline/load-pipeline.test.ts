import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { fileOf } from "../../src/pipeline/run-folder.ts";
import { loadPipeline, parsePipeline } from "../../src/pipeline/load-pipeline.ts";
import { scratchFolder } from "../util/scratch-folder.ts";

const parse = (text: string, ...overrides: string[]) => parsePipeline(text, "p.yaml", overrides);

/** The message of the configuration error that parsing gives. */
function faultOf(text: string, ...overrides: string[]): string {
  try {
    parse(text, ...overrides);
  } catch (error) {
    expect(error).toMatchObject({ name: "FlowError", code: "CONFIG_INVALID" });
    return (error as Error).message;
  }
  throw new Error("expected a configuration error");
}

describe("parsePipeline: defaults", () => {
  test.each(["", "# nothing but a comment\n", "{}"])("fills in every setting of %j", (text) => {
    const settings = parse(text);
    expect(settings).toMatchObject({
      name: "run",
      dataset: { source: "quickstart", viewers: 1200, positiveAbove: 3, shortUsers: "error" },
      protocol: "leakfree",
      samples: { history: 10, testShare: 0.2, validShare: 0.1 },
      contexts: { history: 10 },
      knowledge: { strategy: "iterate", rounds: 1, actor: { provider: "profiler" } },
      encode: { encoder: "bundled" },
      train: { backbones: ["autoint", "dcn"], variants: ["base", "r4ec"], seeds: [1, 2, 3] },
      runtime: { checkpointEveryS: 60 },
    });
  });

  test("reads the settings of a run folder that still holds nouns of their own", () => {
    expect(parse("knowledge: { itemNoun: book, personNoun: reader }")).toEqual(
      parse("knowledge: { nouns: { item: book, user: reader } }"),
    );
    expect(parse("", "knowledge.itemNoun=book").knowledge.nouns).toMatchObject({ item: "book" });
    expect(faultOf("knowledge: { itemNoun: book, nouns: { item: tale } }")).toContain(
      "unknown setting knowledge.itemNoun",
    );
  });

  const ownFiles = (columns: string): string =>
    `dataset: { source: csv, interactions: a.csv, columns: { user: u, item: i, time: t, ${columns} } }`;

  test("takes the words for items, users and events from the source, unless the file has its own", () => {
    const words = (text: string, ...overrides: string[]): object => {
      const { nouns, scale } = parse(text, ...overrides).knowledge;
      return { ...nouns, scale };
    };
    const films = { item: "film", user: "viewer", event: "rated", scale: 5 };
    expect(words("")).toEqual(films);
    expect(words("", "knowledge.nouns.item=picture")).toEqual({ ...films, item: "picture" });
    expect(words(ownFiles("rating: r"))).toEqual({ event: "rated" });
    expect(words(ownFiles("label: clicked"))).toEqual({ event: "clicked", scale: "none" });
    expect(
      words(ownFiles("event: e, positiveEvents: [buy]"), "knowledge.nouns.event=taken"),
    ).toEqual({ event: "taken", scale: "none" });
  });

  test.each([
    [ownFiles("label: clicked"), "the interactions hold no ratings"],
    ["dataset: { source: quickstart, positiveAbove: 4 }", "above dataset.positiveAbove (4)"],
  ])("refuses a best rating for %s", (text, message) => {
    expect(faultOf(text, "knowledge.scale=4")).toContain(message);
  });

  test("reads the settings of a run folder that still holds runtime.executor", () => {
    expect(parse("name: old\nruntime: { executor: local, threads: 2 }")).toEqual(
      parse("name: old\nruntime: { threads: 2 }"),
    );
  });

  test("keeps what the file says and fills in the rest beside it", () => {
    expect(parse("train: { epochs: 2 }").train).toMatchObject({ epochs: 2, connector: "mlp" });
  });

  test("reads its own settings, written out, as the same settings", () => {
    const settings = parse(
      "dataset: { source: movielens, path: /data/ml }\nknowledge: { users: { rounds: 3 } }",
    );
    expect(parse(stringify(fileOf(settings)))).toEqual(settings);
  });

  test("takes dataset.path from the current folder", () => {
    expect(parse("dataset: { source: movielens, path: data/ml }").dataset).toMatchObject({
      path: resolve("data/ml"),
    });
  });
});

describe("parsePipeline: variants", () => {
  test("takes paths from the current folder, and reads what it has written out", () => {
    const settings = parse("train: { variants: [base, { name: llm, items: a/*.parquet }] }");
    expect(settings.train.variants).toEqual([
      "base",
      { name: "llm", items: resolve("a/*.parquet") },
    ]);
    expect(parse(stringify(fileOf(settings)))).toEqual(settings);
  });

  test("refuses filter where its texts would be equal, before anything is asked", () => {
    const model = "{ provider: openai, model: m, sampling: { temperature: 0 } }";
    const filter = "knowledge.strategy=filter";
    expect(faultOf("", filter)).toMatch(
      /^p\.yaml: knowledge\.samples: strategy filter .* profiler/u,
    );
    expect(faultOf("", filter, `knowledge.actor=${model}`, "knowledge.samples=4")).toMatch(
      /^--set knowledge\.samples=4: .*4 texts, and at temperature 0/u,
    );
    expect(faultOf("", "knowledge.items.strategy=filter")).toContain("profiler");
    expect(parse("", filter, "knowledge.samples=1").knowledge.strategy).toBe("filter");
    expect(parse("", filter, "train.variants=[base]").knowledge.strategy).toBe("filter");
    const sampled = "knowledge.actor={ provider: openai, model: m }";
    expect(parse("", filter, sampled).knowledge.samples).toBe(3);
  });

  test("refuses attributes of users that the source does not have", () => {
    const message = (text: string): string => faultOf(text, "knowledge.userAttributes=[age, pets]");
    expect(message("dataset: { source: movielens, path: ml }")).toMatch(
      /users have no pets; they have: gender, age, occupation$/u,
    );
    expect(message("")).toMatch(/users have no age, pets; they have: no attributes/u);
    expect(parse("", "knowledge.userAttributes=all").knowledge.userAttributes).toBe("all");
  });

  test("refuses kar where no chat model writes, also when a control alone deals it", () => {
    const message =
      /^p\.yaml:1: train\.variants(\.1)?: kar asks for one chain of thought, and the built-in/;
    expect(faultOf("train: { variants: [base, kar] }")).toMatch(message);
    expect(faultOf("train: { variants: [{ name: x, random: kar }] }")).toMatch(message);
    const actor = "knowledge.actor={provider: openai, model: m}";
    expect(parse("train: { variants: [kar] }", actor).train.variants).toEqual(["kar"]);
  });
});

describe("parsePipeline: unknown settings", () => {
  test.each([
    ["protcol: paper", "p.yaml:1: unknown setting protcol; did you mean protocol?"],
    [
      "name: a\n\ntrain:\n  epochs: 2\n  epoch: 3\n",
      "p.yaml:5: unknown setting train.epoch; did you mean train.epochs?",
    ],
    [
      "knowledge:\n  users:\n    round: 2",
      "p.yaml:3: unknown setting knowledge.users.round; did you mean knowledge.users.rounds?",
    ],
    [
      "dataset:\n  source: quickstart\n  viewer: 3",
      "p.yaml:3: unknown setting dataset.viewer; did you mean dataset.viewers?",
    ],
    [
      "dataset:\n  source: movielens\n  path: x\n  viewers: 3",
      "p.yaml:4: unknown setting dataset.viewers; known: source, path, onBadRow, positiveAbove, shortUsers",
    ],
    [
      "runtime: { thread: 1 }",
      "p.yaml:1: unknown setting runtime.thread; did you mean runtime.threads?",
    ],
    [
      "runtime: { executor: cluster }",
      'p.yaml:1: runtime.executor: unknown "cluster"; known: local, { array: … }, { slurm: … }, { ray: … }',
    ],
    [
      "zzzzzzzz: 1",
      "p.yaml:1: unknown setting zzzzzzzz; known: name, dataset, protocol, samples, expect, contexts, knowledge, construct, finetune, encode, train, compare, report, runtime",
    ],
  ])("%j", (text, message) => {
    expect(faultOf(text)).toBe(message);
  });

  test("reports every one, each with its line", () => {
    expect(faultOf("nam: x\ntrain:\n  epoch: 1\n  seed: [1]\n").split("\n")).toEqual([
      "p.yaml:3: unknown setting train.epoch; did you mean train.epochs?",
      "p.yaml:4: unknown setting train.seed; did you mean train.seeds?",
      "p.yaml:1: unknown setting nam; did you mean name?",
    ]);
  });
});

describe("parsePipeline: wrong values", () => {
  test.each([
    ["train:\n  epochs: many", /^p\.yaml:2: train\.epochs: .*expected number/],
    ["train:\n  seeds:\n    - 1\n    - x", /^p\.yaml:4: train\.seeds\.1: .*expected number/],
    ["protocol: paperr", /^p\.yaml:1: protocol: .*"leakfree"\|"reference"\|"paper"/],
    ["name: a/b", /^p\.yaml:1: name: letters, digits/],
    [
      "samples: { testShare: 0.6, validShare: 0.5 }",
      /^p\.yaml:1: samples: .*must add up to less than 1/,
    ],
    [
      "runtime:\n  memoryLimit: 100MB",
      /^p\.yaml:2: runtime\.memoryLimit: at least 256MB are needed$/,
    ],
    ["runtime:\n  memoryLimit: lots", /^p\.yaml:2: runtime\.memoryLimit: expected an amount/],
    ["dataset:\n  source: netflix", /^p\.yaml:2: dataset\.source: .*'quickstart' \| 'movielens'/],
    ["name: a\ndataset: { source: movielens }", /^p\.yaml:2: dataset\.path: .*expected string/],
    ["train:", /^p\.yaml:1: train: .*expected object, received null/],
    [
      "train:\n  variants:\n    - base\n    - r4c",
      /^p\.yaml:4: train\.variants\.1: unknown "r4c"; did you mean r4ec\?$/,
    ],
    ["train: { variants: [zzzzzzz] }", /unknown "zzzzzzz"; known: base, r4ec, r2ec, kar, base\+h/],
    ["train: { history: al }", /^p\.yaml:1: train\.history: unknown "al"; did you mean all\?$/],
    ["train: { history: 0 }", /^p\.yaml:1: train\.history: Too small: expected number to be >=1$/],
    [
      "train:\n  variants:\n    - { name: llm, item: x }",
      /^p\.yaml:3: unknown setting train\.variants\.0\.item; did you mean train\.variants\.0\.items\?$/,
    ],
    [
      "train:\n  variants: [base, { name: a b, items: x }]",
      /^p\.yaml:2: train\.variants\.1\.name: a letter or digit, then letters/,
    ],
    [
      "train:\n  variants:\n    - { name: llm, items: x }\n    - { name: noise, random: lm }",
      /^p\.yaml:4: train\.variants\.1\.random: no variant "lm"; did you mean llm\?$/,
    ],
    [
      "train:\n  grid:\n    learningrate: [0.1]",
      /^p\.yaml:3: unknown setting train\.grid\.learningrate; did you mean train\.grid\.learningRate\?$/,
    ],
    [
      "train:\n  grid:\n    batchSize: [64, 0]",
      /^p\.yaml:3: train\.grid\.batchSize\.1: Too small: expected number to be >=1$/,
    ],
    [
      "protocol: paper\ntrain:\n  grid: { dropout: [0, 0.1] }",
      /^p\.yaml:3: train\.grid: protocol paper has no split that could choose one of its trials; /,
    ],
    [
      "protocol: paper\ntrain:\n  search: { trials: 2, dropout: { min: 0, max: 0.1 } }",
      /^p\.yaml:3: train\.search: protocol paper has no split that could choose one of its trials; /,
    ],
    [
      "train:\n  grid: { dropout: [0, 0.1] }\n  search: { trials: 2, l2: [0, 0.1] }",
      /^p\.yaml:3: train\.search: a grid and a search cannot be tried together; leave out train\.grid/,
    ],
    [
      "train:\n  search:\n    trials: 2\n    learningRate: 0.1",
      /^p\.yaml:4: train\.search\.learningRate: expected a list of values, or a range such as \{ min/,
    ],
    [
      "train:\n  search:\n    trials: 2\n    dropout: { min: 0, max: 0.99 }",
      /^p\.yaml:4: train\.search\.dropout\.max: Too big: expected number to be <=0\.9$/,
    ],
    [
      "train:\n  search:\n    trials: 2\n    dropout: { min: 0, maxx: 0.5, max: 0.5 }",
      /^p\.yaml:4: unknown setting train\.search\.dropout\.maxx; did you mean train\.search\.dropout\.max\?$/,
    ],
    [
      "train:\n  search:\n    trials: 2\n    learningrate: [0.1]",
      /^p\.yaml:4: unknown setting train\.search\.learningrate; did you mean train\.search\.learningRate\?$/,
    ],
    ["train:\n  variants: [kar, kar]", /^p\.yaml:2: train\.variants\.1: "kar" is listed twice$/],
    [
      "train:\n  engine: onnx\n  device: wasm",
      /^p\.yaml:3: train\.device: engine onnx has devices auto, cpu, cuda, webgpu; got "wasm"$/,
    ],
    ["- a\n- b", /^p\.yaml: expected settings such as "protocol: leakfree"$/],
    ["just text", /^p\.yaml: expected settings such as/],
  ])("%j", (text, message) => {
    expect(faultOf(text)).toMatch(message);
  });

  test.each([
    ["name: x\ntrain: [1\n", /^p\.yaml:3: .*must be sufficiently indented and end with a \]/],
    ["a: 1\nname: x\na: 2\n", /^p\.yaml:3: Map keys must be unique: "a" is there twice$/],
    ["name: x\ntrain:\n  epochs: 1\n  seeds: [1]\n  epochs: 2\n", /^p\.yaml:5: Map keys must/],
    ["train: { grid: { history: [1], history: [2] } }", /^p\.yaml:1: Map keys .*"history"/],
    ["name: *nobody\n", /^p\.yaml: Unresolved alias/],
  ])("broken YAML: %j", (text, message) => {
    expect(faultOf(text)).toMatch(message);
  });
});

describe("parsePipeline: --set", () => {
  test("reads numbers, texts, lists and objects as YAML", () => {
    const { train, name, runtime, samples } = parse(
      "",
      "train.epochs=5",
      "train.seeds=[1, 2]",
      "train.backbones=[dcn]",
      "name=seven",
      "runtime.memoryLimit=2GB",
      "samples={history: 7}",
    );
    expect(train).toMatchObject({ epochs: 5, seeds: [1, 2], backbones: ["dcn"] });
    expect([name, runtime.memoryLimit, samples.history]).toEqual(["seven", "2GB", 7]);
  });

  test("wins over the file, the last one over those before it, and leaves the rest of a block", () => {
    const settings = parse("train: { epochs: 2, patience: 9 }", "train.epochs=5", "train.epochs=6");
    expect(settings.train).toMatchObject({ epochs: 6, patience: 9 });
  });

  test("reaches into the default dataset of a file that names none", () => {
    expect(parse("name: x", "dataset.viewers=7").dataset).toMatchObject({
      source: "quickstart",
      viewers: 7,
    });
    expect(faultOf("name: x", "dataset.path=/one")).toMatch(
      /^--set dataset\.path=\/one: unknown setting dataset\.path; known: source, viewers/,
    );
  });

  test("can choose another dataset", () => {
    const text = "dataset: { source: movielens, path: /one }";
    expect(parse(text, "dataset.path=/two").dataset).toMatchObject({ path: "/two" });
    expect(parse(text, "dataset={source: quickstart}").dataset).toMatchObject({ viewers: 1200 });
  });

  test("keeps everything after the first = as the value", () => {
    expect(
      parse("dataset: { source: movielens, path: x }", "dataset.path=/a=b").dataset,
    ).toMatchObject({
      path: "/a=b",
    });
  });

  test.each([
    ["train.epochs", "--set train.epochs: expected key=value, such as --set train.epochs=5"],
    ["=5", "--set =5: expected key=value, such as --set train.epochs=5"],
    ["a b=5", "--set a b=5: expected key=value, such as --set train.epochs=5"],
    [
      "train.epoch=5",
      "--set train.epoch=5: unknown setting train.epoch; did you mean train.epochs?",
    ],
  ])("refuses %s", (override, message) => {
    expect(faultOf("", override)).toBe(message);
  });

  test.each([
    ["train.epochs=five", /^--set train\.epochs=five: train\.epochs: .*expected number/],
    ["train.epochs=", /^--set train\.epochs=: train\.epochs: .*received null/],
    ["train={epoch: 5}", /^--set train=\{epoch: 5\}: unknown setting train\.epoch; did you mean/],
    ["train=[1", /^--set train=\[1: Flow sequence/],
    ["name.first=x", /^--set name\.first=x: /],
  ])("names the override when its value is wrong: %s", (override, message) => {
    expect(faultOf("name: y\n", override)).toMatch(message);
  });

  test("blames the file for the file's own faults", () => {
    expect(faultOf("nam: x", "train.epochs=5")).toMatch(/^p\.yaml:1: unknown setting nam/);
  });
});

describe("loadPipeline", () => {
  test("reads a file and names it in messages", async () => {
    const folder = await scratchFolder();
    const file = join(folder, "mine.yaml");
    await writeFile(file, "name: mine\n");
    expect(await loadPipeline(file, ["train.epochs=3"])).toMatchObject({
      name: "mine",
      train: { epochs: 3 },
    });
    await writeFile(file, "nmae: mine\n");
    await expect(loadPipeline(file)).rejects.toThrow(`${file}:1: unknown setting nmae`);
  });

  test.each(["none.yaml", "folder"])("refuses what is no file (%s)", async (name) => {
    const folder = await scratchFolder();
    await mkdir(join(folder, "folder"));
    await expect(loadPipeline(join(folder, name))).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringContaining(
        `cannot read the pipeline file ${join(folder, name)}`,
      ) as unknown,
    });
  });

  test.each(["quickstart", "movielens-1m", "amazon-books", "own-files"])(
    "accepts pipelines/%s.yaml",
    async (name) => {
      expect(await loadPipeline(`pipelines/${name}.yaml`)).toMatchObject({ name });
    },
  );
});

describe("name", () => {
  test.each([".", "..", "...", "a/b", "../a", "/tmp/a", "a\\\\b"])(
    "%j is a path and refused",
    (name) => {
      expect(() => parsePipeline(`name: ${JSON.stringify(name)}`, "p.yaml")).toThrow(
        expect.objectContaining({
          code: "CONFIG_INVALID",
          message: expect.stringContaining(
            "no path such as '..': it names the run folder",
          ) as unknown,
        }),
      );
    },
  );

  test.each(["a", ".hidden", "v1.2", "..a", "a..b"])("%j names a folder", (name) => {
    expect(parsePipeline(`name: ${name}`, "p.yaml").name).toBe(name);
  });
});
