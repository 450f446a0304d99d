import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  startChatServer,
  type ChatBody,
  type ChatServer,
  type Fault,
} from "../util/chat-server.ts";
import { readQuestion, scriptedAnswer } from "../util/scripted-model.ts";
import { seededRandom } from "../util/seeded-random.ts";
import { buildCli, type BuiltCli, type CliResult } from "./built-cli.ts";
import { knowledgeIn } from "./knowledge-in.ts";
import { writeTinyPipeline } from "./tiny-pipeline.ts";

let cli: BuiltCli;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "r4ec-mended-"));
  cli = await buildCli();
}, 300_000);

afterAll(async () => {
  await cli.remove();
  await rm(folder, { recursive: true, force: true });
});

const inFlight = 16;

/** Both roles at a server, whose address is no part of the tasks' keys. */
function roles(server: ChatServer): readonly string[] {
  const limits = `{ timeoutS: 5, inFlight: ${inFlight}, attempts: 2 }`;
  const role = `{ provider: openai, model: scripted, baseUrl: "${server.url}", limits: ${limits} }`;
  return ["--set", `knowledge.actor=${role}`, "--set", `knowledge.reflector=${role}`];
}

/** A number of a text, the same in every process. */
function hashOf(text: string): number {
  return createHash("sha256").update(text).digest().readUInt32LE();
}

/** The ways in which a prompt can fail for ever; "unreadable" is an answer without a word. */
const ways = [
  ...(["400", "413", "422", "500", "empty", "length"] as const),
  ...(["filtered", "refusal", "malformed", "unreadable"] as const),
];

type Way = (typeof ways)[number];

/** The ways of the prompts that fail, dealt in turn so that all of them occur. */
const dealt = new Map<number, Way>();

/** How a prompt fails at the faulty server, however it is asked; null for 97 of 100. */
function wayOf(body: ChatBody): Way | null {
  const { task, data } = readQuestion(body);
  const hash = hashOf(JSON.stringify(["faults", task, data]));
  if (hash % 100 >= 3) return null;
  const way = dealt.get(hash) ?? ways[dealt.size % ways.length] ?? "500";
  dealt.set(hash, way);
  return way;
}

const startFaulty = (delayMs: number): Promise<ChatServer> =>
  startChatServer({
    delayMs,
    answer: (body) => (wayOf(body) === "unreadable" ? "?!" : scriptedAnswer(body)),
    fault: ({ body }): Fault | null => {
      const kind = wayOf(body);
      return kind === null || kind === "unreadable" ? null : { kind };
    },
  });

const textOf = (body: ChatBody): string => JSON.stringify(body);

/** The bodies that a server was sent, each once. */
function sentTo({ calls }: ChatServer, from = 0): ReadonlySet<string> {
  return new Set(calls.slice(from).map(({ body }) => textOf(body)));
}

/** The errors that a run says a stage finished with. */
function errorsTold({ stderr }: CliResult): number {
  return Number(/^knowledge .*finished with (\d+) errors? \(/mu.exec(stderr)?.[1] ?? 0);
}

describe(
  "a server at which 3 % of the prompts always fail, in ten ways",
  { timeout: 600_000 },
  () => {
    test("killed, resumed, asked again and mended, comes to the tables of a clean server, and pays for no good answer twice", async () => {
      const file = await writeTinyPipeline(join(folder, "data"), {
        users: 300,
        ratingsPerUser: 24,
      });
      const out = join(folder, "run");
      const args = ["run", file, "--to", "knowledge"];
      const faulty = await startFaulty(10);
      const random = seededRandom(5);
      const seenAtKills: number[] = [];
      for (let kill = 0; kill < 3; kill++) {
        const until = faulty.calls.length + 60 + random(300);
        const running = cli.start([...args, "--out", out, ...roles(faulty)]);
        const state = { hasEnded: false };
        void running.ended.then(() => (state.hasEnded = true));
        while (!state.hasEnded && faulty.calls.length < until) await delay(3);
        running.kill("SIGKILL");
        expect(await running.ended, `kill ${kill}`).toMatchObject({ signal: "SIGKILL" });
        while ((await faulty.sockets()) > 0) await delay(3);
        seenAtKills.push(faulty.calls.length);
      }
      const resumed = await cli.run([...args, "--out", out, ...roles(faulty)]);
      expect(resumed).toMatchObject({ code: 0 });
      const errors = errorsTold(resumed);
      expect(errors).toBeGreaterThan(10);

      // Good answers that had arrived were asked for once.
      const isGood = (body: ChatBody): boolean => wayOf(body) === null;
      const sent = faulty.calls.map(({ body }) => ({ text: textOf(body), isGood: isGood(body) }));
      const onWire = new Set(
        seenAtKills.flatMap((seen) =>
          sent.slice(Math.max(0, seen - inFlight), seen).map(({ text }) => text),
        ),
      );
      const places = new Map<string, number>();
      const twice = sent.filter(({ text, isGood: good }, place) => {
        const isFirst = !places.has(text);
        if (isFirst) places.set(text, place);
        return good && !isFirst && !onWire.has(text);
      });
      expect(twice).toEqual([]);
      const told = new Set(faulty.calls.map(({ body }) => wayOf(body)));
      expect(told).toEqual(new Set([null, ...ways]));

      // The errors are there for all to see, and a limit on them holds for what was done before.
      const status = await cli.run(["status", out]);
      expect(status.stdout).toMatch(new RegExp(`^knowledge .* with ${errors} errors \\(`, "mu"));
      const seen = faulty.calls.length;
      const limited = await cli.run([
        ...[...args, "--out", out, ...roles(faulty)],
        ...["--retry", "none", "--max-errors", "3"],
      ]);
      expect(limited).toMatchObject({ code: 1 });
      expect(limited.stderr).toMatch(
        new RegExp(`${errors} of \\d+ prompts have no answer, more than knowledge.maxErrors = 3 `),
      );
      expect(faulty.calls).toHaveLength(seen);

      // At the same server, what failed is asked once more, and nothing else is done again.
      const before = await knowledgeIn(out, join(folder, "tmp"));
      const again = await cli.run([...args, "--out", out, ...roles(faulty)]);
      expect(again).toMatchObject({ code: 0 });
      expect(again.stderr).toMatch(
        new RegExp(`^knowledge +asks again what had no answer: ${errors} errors \\(`, "mu"),
      );
      expect(errorsTold(again)).toBe(errors);
      const askedAgain = faulty.calls.slice(seen);
      expect(askedAgain.filter(({ body }) => isGood(body))).toEqual([]);
      const unreadable = askedAgain.filter(({ body }) => wayOf(body) === "unreadable");
      // An unreadable answer is asked for twice, the second time with a reminder.
      expect(sentTo(faulty, seen).size).toBe(errors + unreadable.length / 2);
      const { requests: _, ...kept } = before;
      expect(await knowledgeIn(out, join(folder, "tmp"))).toMatchObject(kept);

      // Some kinds only.
      const late = faulty.calls.length;
      await cli.run([...args, "--out", out, ...roles(faulty), "--retry", "length,empty"]);
      const some = new Set(faulty.calls.slice(late).map(({ body }) => wayOf(body)));
      // Attempts that failed are remembered nowhere: they are made again with every task that is done again.
      const passing = ["500", "malformed"];
      expect([...some].filter((way) => !passing.includes(String(way))).sort()).toEqual([
        "empty",
        "length",
      ]);
      await faulty.close();

      // Mended, it is asked only for what is missing; the tables are those of a clean server.
      const mended = await startChatServer({ answer: scriptedAnswer });
      const ended = await cli.run([...args, "--out", out, ...roles(mended)]);
      expect(ended).toMatchObject({ code: 0 });
      expect(ended.stderr).not.toContain("finished with");
      const clean = await startChatServer({ answer: scriptedAnswer });
      const whole = join(folder, "whole");
      expect(await cli.run([...args, "--out", whole, ...roles(clean)])).toMatchObject({ code: 0 });
      expect(await knowledgeIn(out, join(folder, "tmp"))).toEqual(
        await knowledgeIn(whole, join(folder, "tmp")),
      );

      const good = new Set(sent.filter((each) => each.isGood).map(({ text }) => text));
      expect([...sentTo(mended)].filter((text) => good.has(text))).toEqual([]);
      expect(mended.calls).toHaveLength(sentTo(mended).size);
      expect(new Set([...good, ...sentTo(mended)])).toEqual(sentTo(clean));
      await Promise.all([mended.close(), clean.close()]);

      const nothing = await cli.run([...args, "--out", out, ...roles(mended)]);
      expect(nothing.stderr).toMatch(/^knowledge +kept/mu);
    });
  },
);
