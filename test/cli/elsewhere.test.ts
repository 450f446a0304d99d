import { cp, mkdtemp, readFile, readdir, rename, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { stringify } from "yaml";
import { encodeGgufAdapter } from "../../src/finetune/adapter/write-gguf-adapter.ts";
import { ggufDecoderConfig } from "../../src/finetune/base/gguf-decoder-config.ts";
import { openGgufHeader } from "../../src/finetune/weights/open-gguf.ts";
import { readRunSettings } from "../../src/pipeline/run-folder.ts";
import { coarse, writeHalfPeftFolder } from "../finetune/adapter/half-peft-folder.ts";
import { tinyAdapter } from "../finetune/adapter/tiny-adapter.ts";
import { writeTinyGguf } from "../finetune/base/tiny-model.ts";
import { startChatServer, type ChatServer } from "../util/chat-server.ts";
import { scriptedAnswer, readQuestion } from "../util/scripted-model.ts";
import { buildCli, type BuiltCli, type CliResult } from "./built-cli.ts";
import { tableRows } from "./table-rows.ts";
import { writeTinyPipeline } from "./tiny-pipeline.ts";

let cli: BuiltCli;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "r4ec-elsewhere-"));
  cli = await buildCli();
}, 300_000);

afterAll(async () => {
  await cli.remove();
  await rm(folder, { recursive: true, force: true });
});

/** A run of the tiny pipeline with a scripted teacher, and the server that plays everyone. */
async function newRun(): Promise<{
  readonly server: ChatServer;
  readonly runDir: string;
  readonly command: (
    name: "run" | "plan",
    settings: object,
    ...more: string[]
  ) => Promise<CliResult>;
}> {
  const server = await startChatServer({ answer: scriptedAnswer });
  onTestFinished(() => server.close());
  const place = await mkdtemp(join(folder, "run-"));
  const file = await writeTinyPipeline(place);
  const runDir = join(place, "run");
  const teacher = { provider: "openai", model: "teacher", baseUrl: server.url };
  return {
    ...{ server, runDir },
    command: (name, settings, ...more) => {
      const blocks = { construct: { teacher, validation: 0.3 }, ...settings };
      const set = Object.entries(blocks).flatMap(([key, value]) => [
        "--set",
        `${key}=${stringify(value, { collectionStyle: "flow", lineWidth: 0 }).trim()}`,
      ]);
      return cli.run([name, file, "--out", runDir, ...set, ...more]);
    },
  };
}

const names = {
  users: { actor: "ua", reflector: "ur" },
  items: { actor: "ia", reflector: "org/ir" },
} as const;

/** Calls by the model that they asked. */
function callsBy({ calls }: ChatServer): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { body } of calls) counts[body.model] = (counts[body.model] ?? 0) + 1;
  return counts;
}

/** The folders that the message of a stopped run says to train from. */
function foldersIn({ stderr }: CliResult): readonly string[] {
  return [
    ...stderr.matchAll(/^ {2}\(cd (\S+) && trl sft --config train\.yaml\) {2}# \d+ rows$/gmu),
  ].map(([, path = ""]) => path);
}

describe("models that servers serve", { timeout: 300_000 }, () => {
  test("a run stops with the folders to train from, and goes on with the names at the server", async () => {
    const { server, runDir, command } = await newRun();
    const role = { provider: "openai", model: "finetuned", baseUrl: server.url };
    const knowledge = { "knowledge.actor": role, "knowledge.reflector": role };
    const settings = (adapters?: object): object => ({
      ...knowledge,
      finetune: {
        base: "Qwen/Qwen2.5-7B-Instruct",
        elsewhere: "trl",
        ...(adapters && { adapters }),
      },
    });

    const first = await command("run", settings());
    expect(first.code).toBe(1);
    expect(first.stderr).toContain(
      "r4ec: 4 of 4 models are still to be trained elsewhere. Run each, here or on another machine,",
    );
    const folders = foldersIn(first);
    expect(folders).toHaveLength(4);
    for (const [place, name] of [
      "user-actor",
      "user-reflector",
      "item-actor",
      "item-reflector",
    ].entries()) {
      const made = folders[place] ?? "";
      expect(made.startsWith(join(runDir, "sft", "trl", `${name}-`))).toBe(true);
      expect((await readdir(made)).sort()).toEqual(["README.md", "data", "train.yaml"]);
      expect(await readFile(join(made, "train.yaml"), "utf8")).toContain(
        "Qwen/Qwen2.5-7B-Instruct",
      );
    }
    expect(first.stderr).toContain(`wrote ${folders[0] ?? ""}: `);
    expect(first.stderr).toContain(
      "\n      users: { actor: user-actor, reflector: user-reflector }\n      items: { actor: item-actor, reflector: item-reflector }\n",
    );
    const readme = await readFile(join(folders[1] ?? "", "README.md"), "utf8");
    expect(readme).toContain(
      "vllm serve Qwen/Qwen2.5-7B-Instruct --enable-lora --lora-modules user-reflector=adapter",
    );
    expect(readme).toContain('adapters:\n    users: { reflector: "user-reflector" }');
    const { teacher = 0, ...others } = callsBy(server);
    expect(teacher).toBeGreaterThan(0);
    expect(others).toEqual({});

    // What a trainer has put there stays: the same rows have the same folder.
    const before = await stat(join(folders[2] ?? "", "train.yaml"));
    const second = await command("run", settings({ users: names.users }));
    expect(second.code).toBe(1);
    expect(second.stderr).toContain("2 of 4 models");
    expect(second.stderr).not.toContain("wrote ");
    expect(foldersIn(second)).toEqual(folders.slice(2));
    expect(second.stderr).toContain("users: { actor: ua, reflector: ur }");
    expect((await stat(join(folders[2] ?? "", "train.yaml"))).mtimeMs).toBe(before.mtimeMs);
    expect(callsBy(server)).toEqual({ teacher });

    const planned = await command("plan", settings({ users: names.users }));
    expect(planned.stdout).toMatch(/Trained elsewhere \(trl\), from Qwen.*\nuser actor +ua\n/u);
    expect(planned.stdout).toContain("models that are still to be trained elsewhere have no price");
    expect(planned.stdout).toMatch(/item actor +still to come\n/u);
    const priced = await command("plan", {
      ...settings(names),
      "knowledge.prices": { ua: { prompt: 1, completion: 1 } },
    });
    expect(priced.stdout).toMatch(/users +actor +openai ua .*\$/u);
    expect(priced.stdout).toContain("no price for ur");

    const third = await command("run", settings(names), "--to", "knowledge");
    expect(third.stderr).not.toContain("r4ec: ");
    expect(third.code).toBe(0);
    for (const { body } of server.calls) {
      const { isConstruction, subject, task } = readQuestion(body);
      const side = names[subject === "user" ? "users" : "items"];
      const served = task === "reflect" ? side.reflector : side.actor;
      expect(body.model).toBe(isConstruction ? "teacher" : served);
    }
    const asked = callsBy(server);
    expect(asked["teacher"]).toBe(teacher);
    expect(Object.keys(asked).sort()).toEqual(["ia", "org/ir", "teacher", "ua", "ur"]);
    expect(
      await tableRows(
        runDir,
        "select subject, role, path, base, base_hash, rank, train_rows, valid_loss_after from adapters order by all",
      ),
    ).toEqual(
      (["item", "user"] as const).flatMap((subject) =>
        (["actor", "reflector"] as const).map((role) => ({
          ...{ subject, role, path: names[`${subject}s`][role], base: "Qwen/Qwen2.5-7B-Instruct" },
          ...{ base_hash: null, rank: null, train_rows: null, valid_loss_after: null },
        })),
      ),
    );
    expect(await tableRows(runDir, "from finetune_log")).toEqual([]);

    // Another reflector about items changes their texts alone, and asks no actor that which it has answered.
    const other = { ...names, items: { ...names.items, reflector: "ir2" } };
    const fourth = await command("run", settings(other), "--to", "knowledge");
    expect(fourth.code).toBe(0);
    const { ir2 = 0, ia = 0, ...rest } = callsBy(server);
    expect(ir2).toBeGreaterThan(0);
    const { ia: iaBefore = 0, ...restBefore } = asked;
    expect(rest).toEqual(restBefore);
    expect(ia).toBe(iaBefore); // the judgements are the same, so are all refinements
  });
});

describe("adapters that the run loads", { timeout: 300_000 }, () => {
  test("a folder becomes the file that llama.cpp loads; elsewhere it is the same, with other content it is not", async () => {
    const { runDir, command } = await newRun();
    const model = await writeTinyGguf(join(runDir, "..", "model.gguf"), "llama");
    const config = ggufDecoderConfig(await openGgufHeader(model));
    const adapter = coarse(tinyAdapter(config));
    const given = await writeHalfPeftFolder(join(runDir, "..", "trained"), adapter, "BF16");
    const role = { provider: "gguf", model, adapter: "finetuned" };
    const settings = (actor: string): object => ({
      "knowledge.actor": role,
      finetune: {
        ...{ base: "tiny/tiny", elsewhere: "axolotl", evaluate: 0 },
        adapters: { users: { actor }, items: { actor: given } },
      },
    });
    const filesOf = async (): Promise<readonly string[]> =>
      (await tableRows(runDir, "select path from adapters where subject = 'user'")).map(
        ({ path }) => join(runDir, String(path), "adapter.gguf"),
      );

    const first = await command("run", settings(given), "--to", "finetune");
    expect(first.stderr).not.toContain("r4ec: ");
    expect(first.code).toBe(0);
    const [file = ""] = await filesOf();
    expect(await readFile(file)).toEqual(Buffer.from(encodeGgufAdapter(adapter)));
    expect(
      await tableRows(
        runDir,
        "select rank, alpha, parameters > 0 as counted, tokens from adapters",
      ),
    ).toEqual(
      Array.from({ length: 2 }, () => ({ rank: 2, alpha: 4, counted: true, tokens: null })),
    );

    const moved = join(runDir, "..", "moved");
    await cp(given, moved, { recursive: true });
    const second = await command("run", settings(moved), "--to", "finetune");
    expect(second.code).toBe(0);
    expect(await filesOf()).toEqual([file]);
    expect((await readRunSettings(runDir)).finetune?.adapters?.users.actor).toBe(moved);

    const changed = { ...adapter, lora: { ...adapter.lora, alpha: 6 } };
    await rm(moved, { recursive: true });
    await writeHalfPeftFolder(moved, changed, "F16");
    await command("run", settings(moved), "--to", "finetune");
    const [other = ""] = await filesOf();
    expect(other).not.toBe(file);
    expect(await readFile(other)).toEqual(Buffer.from(encodeGgufAdapter(changed)));

    // The file that was made is an adapter too, and is taken as it is.
    const kept = join(runDir, "..", "kept.gguf");
    await cp(other, kept);
    await command("run", settings(kept), "--to", "finetune");
    const [copy = ""] = await filesOf();
    expect(copy).not.toBe(other);
    expect(await readFile(copy)).toEqual(Buffer.from(encodeGgufAdapter(changed)));

    await rename(kept, `${kept}.away`);
    const gone = await command("run", settings(kept), "--to", "finetune");
    expect(gone.code).toBe(2);
    expect(gone.stderr).toContain(`finetune.adapters.users.actor: ${kept} does not exist.`);
  });

  test("the message names the folder that the trainer will write", async () => {
    const { runDir, command } = await newRun();
    const model = await writeTinyGguf(join(runDir, "..", "model.gguf"), "qwen2");
    const stopped = await command("run", {
      "knowledge.strategy": "reason",
      "knowledge.users": { actor: { provider: "gguf", model, adapter: "finetuned" } },
      finetune: { base: "tiny/tiny", elsewhere: "trl", reasonOnly: true },
    });
    expect(stopped.code).toBe(1);
    const [made = ""] = foldersIn(stopped);
    expect(stopped.stderr).toContain(`1 of 1 models is still to be trained elsewhere`);
    expect(stopped.stderr).toContain(
      `\n      users: { actor: ${join(made, "adapter")} }\nand run r4ec again`,
    );
    expect(await readFile(join(made, "README.md"), "utf8")).toContain(
      'users: { actor: "PATH/adapter" }',
    );
  });
});
