import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startChatServer, type ChatServer } from "../util/chat-server.ts";
import { startEmbeddingsServer, type EmbeddingsServer } from "../util/embeddings-server.ts";
import { scratchFolder } from "../util/scratch-folder.ts";
import { readQuestion } from "../util/scripted-model.ts";
import { buildCli, type BuiltCli } from "./built-cli.ts";
import { writeTinyPipeline } from "./tiny-pipeline.ts";

let cli: BuiltCli;

beforeAll(async () => {
  cli = await buildCli();
}, 300_000);

afterAll(() => cli.remove());

/** Refuses what is asked about the films 1 to 6, of 60 films and 40 users. */
const startRefusing = (): Promise<ChatServer> =>
  startChatServer({
    answer: () => "A quiet text.",
    fault: ({ body }) => {
      const question = readQuestion(body);
      const title = question.subject === "item" ? question.data.item.title : "";
      return /^Film [1-6]\b(?!\d)/u.test(title) ? { kind: "400", message: "not this one" } : null;
    },
  });

describe("texts that a server of embeddings refuses", { timeout: 300_000 }, () => {
  test("are errors of the stage encode: told, limited, asked for again, and none once it is mended", async () => {
    const folder = await scratchFolder();
    const file = await writeTinyPipeline(folder);
    const out = join(folder, "run");
    const at = ({ url }: EmbeddingsServer): readonly string[] => [
      ...["run", file, "--out", out, "--to", "encode", "--set", `encode.encoder=openai:m@${url}`],
      ...["--set", "encode.remote.textsPerRequest=4"],
    ];
    let isMended = false;
    const faulty = await startEmbeddingsServer({
      fault: ({ body }) =>
        !isMended && body.input.some((text) => /^"Film [1-6]"/u.test(text))
          ? { status: 400, message: "not this one" }
          : null,
    });
    const stopped = await cli.run(at(faulty));
    expect(stopped).toMatchObject({ code: 1 });
    expect(stopped.stderr).toMatch(
      /^encode +no vector for item [1-6] \(table item_knowledge\): the server answered 400: not this one$/mu,
    );
    expect(stopped.stderr).toMatch(
      /6 of 100 texts have no vector, more than encode\.maxErrors = 0\.05 \(5 %\) allows: 6 errors \(rejected 6\); the first: item /u,
    );
    expect(stopped.stderr).toContain("run again with --retry rejected,");

    const seen = faulty.requests.length;
    const kept = [...at(faulty), "--retry", "none", "--set", "encode.maxErrors=6"];
    const raised = await cli.run(kept);
    expect(raised).toMatchObject({ code: 0 });
    expect(raised.stderr).toMatch(/^encode .*finished with 6 errors \(rejected 6\)$/mu);
    expect(faulty.requests).toHaveLength(seen);
    const status = await cli.run(["status", out]);
    expect(status.stdout).toMatch(/^encode +done .*finished with 6 errors \(rejected 6\)$/mu);
    const report = await cli.run(["report", out]);
    expect(report).toMatchObject({ code: 0 });
    expect(await readFile(join(out, "report", "index.html"), "utf8")).toContain(
      "6 of 60 by the encoder about items (rejected 6)",
    );

    isMended = true;
    const ended = await cli.run(at(faulty));
    expect(ended).toMatchObject({ code: 0 });
    expect(ended.stderr).toMatch(/^encode +asks again what had no answer: 6 errors/mu);
    expect(faulty.requests.slice(seen).flatMap(({ input }) => input)).toHaveLength(6);
    expect((await cli.run(["status", out])).stdout).not.toContain("error");
    await faulty.close();
  });
});

describe("more errors than knowledge.maxErrors allows", { timeout: 300_000 }, () => {
  test("end the run at the stage's end, with every answer kept; raised or mended, it goes on", async () => {
    const folder = await scratchFolder();
    const file = await writeTinyPipeline(folder);
    const out = join(folder, "run");
    const at = (server: ChatServer): readonly string[] => [
      ...["run", file, "--out", out, "--to", "knowledge", "--set", "knowledge.strategy=reason"],
      ...["--set", `knowledge.actor={ provider: openai, model: m, baseUrl: "${server.url}" }`],
    ];
    const faulty = await startRefusing();
    const args = at(faulty);
    const told =
      "6 of 100 prompts have no answer, more than knowledge.maxErrors = 0.05 (5 %) allows: 6 errors (rejected 6); " +
      "the first: rejected: the server answered 400: not this one. Every answer is kept. Mend the cause and run again with --retry rejected,";
    const stopped = await cli.run(args);
    expect(stopped).toMatchObject({ code: 1 });
    expect(stopped.stderr).toContain(told);
    expect(faulty.calls).toHaveLength(100);
    const half = await cli.run(["status", out]);
    expect(half.stdout).toMatch(/^knowledge +partial .* with 6 errors \(rejected 6\)$/mu);

    const raised = await cli.run([...args, "--retry", "none", "--max-errors", "0.06"]);
    expect(raised).toMatchObject({ code: 0 });
    expect(raised.stderr).toMatch(/^knowledge .*finished with 6 errors \(rejected 6\)$/mu);
    const number = await cli.run([...args, "--retry", "none", "--max-errors", "5"]);
    expect(number).toMatchObject({ code: 1 });
    expect(number.stderr).toContain("more than knowledge.maxErrors = 5 allows: 6 errors");
    expect(faulty.calls).toHaveLength(100);

    // Finished under a higher limit, it stays readable under a lower one, but nothing is built on it.
    const later = await cli.run([...args, "--retry", "none"]);
    expect(later).toMatchObject({ code: 1 });
    expect(later.stderr).toContain(told);
    const built = ["run", file, "--out", out, "--from", "encode", "--to", "encode"];
    const onTop = await cli.run(built);
    expect(onTop).toMatchObject({ code: 1 });
    expect(onTop.stderr).toContain("6 of 100 prompts have no answer");
    const status = await cli.run(["status", out]);
    expect(status.stdout).toMatch(/^knowledge +done .*finished with 6 errors \(rejected 6\)$/mu);
    const query = "select count(*) from item_knowledge where error is not null";
    const rows = await cli.run(["sql", out, query, "--format", "csv"]);
    expect(rows).toMatchObject({ code: 0 });
    expect(rows.stdout).toMatch(/\b6\b/u);

    const mended = await startChatServer({ answer: () => "A quiet text." });
    const ended = await cli.run(at(mended));
    expect(ended).toMatchObject({ code: 0 });
    expect(mended.calls).toHaveLength(6);
    await Promise.all([faulty.close(), mended.close()]);
  });
});
