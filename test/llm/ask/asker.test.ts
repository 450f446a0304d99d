import { describe, expect, test } from "vitest";
import { FlowError } from "../../../src/base/errors.ts";
import type { AnswerFault, ChatCall } from "../../../src/llm/chat.ts";
import { seededRandom } from "../../util/seeded-random.ts";
import { askerWorld, type Step } from "../asker-world.ts";

const busy = (retryAfterMs: number | null): Step => ({ kind: "busy", retryAfterMs });
const prompt = (fault: AnswerFault): Step => ({ kind: "prompt", fault });
const fatal: Step = { kind: "fatal" };
const unknownShape: Step = {
  kind: "setup",
  later: { kind: "prompt", fault: "failed" },
  reason: "no completion",
};

function names(count: number, prefix = "p"): string[] {
  return Array.from({ length: count }, (_, number) => `${prefix}${number}`);
}

/** How each ask ended: its status, or the code or message of what it threw. */
async function endings(calls: readonly Promise<ChatCall>[]): Promise<string[]> {
  return (await Promise.allSettled(calls)).map((ending) => {
    if (ending.status === "fulfilled") return ending.value.answer.status;
    const thrown: unknown = ending.reason;
    if (thrown instanceof FlowError) return thrown.code;
    return thrown instanceof Error ? thrown.message : String(thrown);
  });
}

async function messageOf(call: Promise<ChatCall>): Promise<string> {
  try {
    await call;
    return "no error";
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
}

describe("one prompt", () => {
  test.each<[string, Step[], string, number]>([
    ["answered", ["ok"], "ok", 1],
    ["answered after a lost connection", ["transient", "ok"], "ok", 2],
    ["answered at the last attempt", [...Array<Step>(5).fill("transient"), "ok"], "ok", 6],
    ["given up after six attempts", Array<Step>(6).fill("transient"), "failed", 6],
    ["answered after a timeout", ["timeout", "ok"], "ok", 2],
    [
      "told to wait more often than there are attempts",
      [...Array<Step>(9).fill(busy(1000)), "ok"],
      "ok",
      10,
    ],
    ["told to wait without saying how long", [busy(null), busy(null), "ok"], "ok", 3],
    [
      "told to wait and lost in turns",
      [busy(5), "transient", busy(null), "transient", "ok"],
      "ok",
      5,
    ],
    ["refused", [prompt("rejected")], "rejected", 1],
    ["filtered after a lost connection", ["transient", prompt("filtered")], "filtered", 2],
    ["cut off", [prompt("length")], "length", 1],
    ["answered by nothing", [prompt("empty")], "empty", 1],
  ])("%s", async (_name, steps, status, attempts) => {
    const world = askerWorld({
      script: ({ text, attempt }) => (text === "first" ? "ok" : (steps[attempt] ?? "ok")),
    });
    await world.clock.settle(world.ask("first"));
    const call = await world.clock.settle(world.ask("a"));
    expect(call.answer.status).toBe(status);
    expect(call.attempts).toBe(attempts);
    expect(world.sent).toHaveLength(1 + attempts);
    expect(world.stored.has(call.key)).toBe(status !== "failed");
    expect(world.now.underWay).toBe(0);
    expect(world.clock.waiting()).toBe(0);

    const again = await world.clock.settle(world.ask("a"));
    if (status === "failed") expect(again.isCached).toBe(false);
    else expect(again).toEqual({ ...call, isCached: true });
  });

  test("says which model, what it cost and how long its last attempt took", async () => {
    const world = askerWorld({
      script: ({ attempt }) => (attempt === 0 ? "transient" : "ok"),
      price: { prompt: 100, completion: 1000 },
      latencyMs: 40,
    });
    expect(await world.clock.settle(world.ask("a"))).toMatchObject({
      provider: "openai",
      model: "m",
      promptVersion: "p1",
      answer: { status: "ok", text: "re: a" },
      usage: { promptTokens: 10, completionTokens: 5, cachedTokens: null },
      costUsd: 0.006,
      latencyMs: 40,
      attempts: 2,
      isCached: false,
    });
  });

  test("is on disk before it is answered", async () => {
    let write: () => void = () => undefined;
    const disk = new Promise<void>((resolve) => {
      write = resolve;
    });
    const world = askerWorld({ disk: () => disk });
    const state = { isAnswered: false };
    const call = world.ask("a").then(() => {
      state.isAnswered = true;
    });
    await world.clock.advance(60_000);
    expect(world.answered).toEqual(["a"]);
    expect(state.isAnswered).toBe(false);
    write();
    await world.clock.settle(call);
    expect(world.stored.size).toBe(1);
  });

  test("no request is sent while the disk is full; then those that waited go on", async () => {
    let clear: () => void = () => undefined;
    const room = new Promise<void>((resolve) => {
      clear = resolve;
    });
    const state = { isFull: false };
    const world = askerWorld({ ready: () => (state.isFull ? room : Promise.resolve()) });
    const first = world.ask("a");
    await world.clock.advance(0);
    state.isFull = true;
    const second = world.ask("b");
    await world.clock.advance(60_000);
    expect(world.sent.map(({ text }) => text)).toEqual(["a"]);
    expect((await world.clock.settle(first)).answer.status).toBe("ok");
    clear();
    expect((await world.clock.settle(second)).answer.status).toBe("ok");
  });

  test("a disk that stays full ends the call with its error, and frees the slot", async () => {
    const fault = new FlowError("OUTPUT_FAILED", "run-1.jsonl: the disk has no room");
    const state = { isFull: true };
    const world = askerWorld({
      limits: { inFlight: 1 },
      ready: () => (state.isFull ? Promise.reject(fault) : Promise.resolve()),
    });
    expect(await messageOf(world.clock.settle(world.ask("a")))).toBe(fault.message);
    expect(world.sent).toEqual([]);
    state.isFull = false;
    expect((await world.clock.settle(world.ask("a"))).answer.status).toBe("ok");
  });

  test("a thrown bug is passed on as it is and leaves the slot free", async () => {
    const world = askerWorld({
      limits: { inFlight: 1 },
      script: ({ text }) => {
        if (text === "bug") throw new TypeError("a bug");
        return "ok";
      },
    });
    expect(await messageOf(world.clock.settle(world.ask("bug")))).toBe("a bug");
    expect((await world.clock.settle(world.ask("a"))).answer.status).toBe("ok");
  });
});

describe("many prompts", () => {
  test.each([1, 2, 3])(
    "are each paid for once whatever the endpoint does (seed %d)",
    async (seed) => {
      const random = seededRandom(seed);
      const faults: readonly Step[] = ["transient", busy(null), busy(2000), "transient", "timeout"];
      const world = askerWorld({
        limits: { inFlight: 24, attempts: 12 },
        script: ({ attempt }) =>
          attempt < 3 && random(4) === 0 ? (faults[random(5)] ?? "ok") : "ok",
      });
      const asked = [...names(700), ...names(300)];
      const calls = await world.clock.settle(Promise.all(asked.map((name) => world.ask(name))));
      expect(calls.map(({ answer }) => answer)).toEqual(
        asked.map((name) => ({ status: "ok", text: `re: ${name}` })),
      );
      expect(world.answered.length).toBe(700);
      expect(new Set(world.answered).size).toBe(700);
      expect(calls.filter(({ isCached }) => isCached)).toHaveLength(300);
      expect(world.now.mostUnderWay).toBeLessThanOrEqual(24);
      expect(world.clock.waiting()).toBe(0);
    },
  );

  test("share one request when equal and under way together", async () => {
    const world = askerWorld();
    const calls = await world.clock.settle(Promise.all(names(5).map(() => world.ask("same"))));
    expect(world.sent).toHaveLength(1);
    expect(calls.map(({ isCached }) => isCached)).toEqual([false, true, true, true, true]);
  });

  test("go on when the one whose request they share gives up", async () => {
    const world = askerWorld({ latencyMs: 1000 });
    const leaver = new AbortController();
    const left = messageOf(world.ask("same", leaver.signal));
    const stayed = world.ask("same");
    await world.clock.advance(10);
    leaver.abort(new Error("left"));
    expect(await world.clock.settle(left)).toBe("left");
    expect((await world.clock.settle(stayed)).answer.status).toBe("ok");
    expect(world.sent).toHaveLength(2);
  });

  test("are sent in the order they were asked", async () => {
    const world = askerWorld({ limits: { inFlight: 2 } });
    await world.clock.settle(Promise.all(names(40).map((name) => world.ask(name))));
    expect(world.sent.map(({ text }) => text)).toEqual(names(40));
  });

  test("fill a window that grows to its limit and not beyond", async () => {
    const world = askerWorld({ limits: { inFlight: 40 }, latencyMs: 1000 });
    const all = Promise.all(names(400).map((name) => world.ask(name)));
    await world.clock.advance(1000);
    expect(world.now.underWay).toBe(17);
    await world.clock.settle(all);
    expect(world.now.mostUnderWay).toBe(40);
    // 1 at 0 s, 17 at 1 s, 34 at 2 s, then 40 a second: 348 / 40 = 9 more rounds.
    expect(world.sent.at(-1)?.atMs).toBe(1000 + 11_000);
  });

  test("keep below the requests a minute", async () => {
    const world = askerWorld({ limits: { requestsPerMinute: 120 } });
    await world.clock.settle(Promise.all(names(240).map((name) => world.ask(name))));
    const at = world.sent.map(({ atMs }) => atMs - 1000);
    // Two a second: two as soon as the first is answered, then one every half second.
    expect(at.slice(0, 4)).toEqual([0, 10, 500, 1000]);
    expect(at.at(-1)).toBe(119_000);
  });

  test("keep below the tokens a minute by what the endpoint counted, not by the estimate", async () => {
    // Estimated 1 + 100 tokens each, counted 15: 6000 a minute are 100 a second.
    const world = askerWorld({ limits: { tokensPerMinute: 6000 } });
    await world.clock.settle(Promise.all(names(600).map((name) => world.ask(name))));
    const tookS = ((world.sent.at(-1)?.atMs ?? 0) - 1000) / 1000;
    expect(tookS).toBeGreaterThan((600 * 15) / 100 - 5);
    expect(tookS).toBeLessThan((600 * 15) / 100 + 5);
  });
});

describe("the first request", () => {
  test("is the only one that is paid for where answers are of an unknown shape", async () => {
    const world = askerWorld({ script: () => unknownShape });
    const ended = await world.clock.settle(endings(names(100).map((name) => world.ask(name))));
    expect(ended).toEqual(Array(100).fill("PROVIDER_FAILED"));
    expect(world.sent).toHaveLength(1);
  });

  test.each<[string, Step]>([
    ["an answer", "ok"],
    ["a refusal of the prompt", prompt("rejected")],
    ["an answer that was cut", prompt("length")],
  ])("costs one round trip: after %s many are sent at a time", async (_, first) => {
    const world = askerWorld({ script: ({ number }) => (number === 0 ? first : "ok") });
    const ended = endings(names(100).map((name) => world.ask(name)));
    await world.clock.advance(9);
    expect(world.now.underWay).toBe(1);
    await world.clock.advance(2);
    expect(world.now.underWay).toBe(17);
    await world.clock.settle(ended);
    // 1, 17, 34, 48: four rounds, one more than without it.
    expect(world.clock.now()).toBe(1000 + 4 * 10);
  });

  test("is followed by one at a time while there are only lost connections and refusals for now", async () => {
    const world = askerWorld({
      script: ({ number }) =>
        number < 6 ? ((["transient", busy(50)] as const)[number % 2] ?? "ok") : "ok",
    });
    await world.clock.settle(Promise.all(names(100).map((name) => world.ask(name))));
    const times = world.sent.slice(0, 8).map(({ atMs }) => atMs);
    expect(times).toEqual([...times.slice(0, 7).map((_, place) => 1000 + 10 * place), 1070]);
    expect(world.answered).toHaveLength(100);
  });

  test("of a later session is alone as well, and an unknown shape makes one row at a time fail", async () => {
    const world = askerWorld({ hasHistory: true, script: () => unknownShape });
    const ended = endings(names(30).map((name) => world.ask(name)));
    expect(await world.clock.settle(ended)).toEqual(Array(30).fill("failed"));
    expect(world.now.mostUnderWay).toBe(1);
  });
});

describe("a busy endpoint", () => {
  test("that refuses one request is asked by all others meanwhile, and by this one not before its time", async () => {
    const world = askerWorld({
      script: ({ number }) => (number === 20 ? busy(30_000) : "ok"),
      latencyMs: 100,
    });
    const calls = await world.clock.settle(Promise.all(names(200).map((name) => world.ask(name))));
    expect(calls.every(({ answer }) => answer.status === "ok")).toBe(true);
    const toldAt = (world.sent[20]?.atMs ?? 0) + 100;
    const others = world.sent.filter(({ text }) => text !== world.sent[20]?.text);
    expect(others).toHaveLength(199);
    expect(Math.max(...others.map(({ atMs }) => atMs))).toBeLessThan(2000);
    expect(world.sent.at(-1)).toMatchObject({ text: world.sent[20]?.text, atMs: toldAt + 30_000 });
    expect(world.sent).toHaveLength(201);
  });

  test.each([0.01, 0.05, 0.2])(
    "that refuses a share of %d for a second each answers at least 0.7 times as fast as it would 64 patient askers",
    async (share) => {
      const random = seededRandom(3);
      const world = askerWorld({
        script: () => (random(10_000) < share * 10_000 ? busy(1000) : "ok"),
        latencyMs: 100,
      });
      await world.clock.settle(Promise.all(names(5000).map((name) => world.ask(name))));
      const tookMs = world.clock.now() - 1000;
      const patientMs = (5000 / 64) * (100 / (1 - share) + (1000 * share) / (1 - share));
      expect(patientMs / tookMs).toBeGreaterThan(0.7);
      expect(world.now.mostUnderWay).toBeLessThanOrEqual(64);
    },
  );

  test("that refuses beyond eight at a time is asked by few more than that, and all are answered", async () => {
    let underWay = 0;
    const world = askerWorld({
      script: () => (underWay > 8 ? busy(1000) : "ok"),
      latencyMs: 500,
      refusalMs: 5,
      onUnderWay: (count) => {
        underWay = count;
      },
    });
    await world.clock.settle(Promise.all(names(800).map((name) => world.ask(name))));
    expect(world.answered).toHaveLength(800);
    // The least time is 800 / 8 * 0.5 s = 50 s.
    expect(world.clock.now() - 1000).toBeLessThan(100_000);
    expect(world.sent.length).toBeLessThan(2 * 800);
  });

  test.each([0, -0, 1])(
    "that asks to wait %d ms is asked ever more rarely all the same",
    async (toldMs) => {
      const world = askerWorld({ script: () => busy(toldMs) });
      void endings(names(64).map((name) => world.ask(name)));
      await world.clock.advance(60_000);
      const inSecond = (second: number): number =>
        world.sent.filter(({ atMs }) => Math.floor((atMs - 1000) / 1000) === second).length;
      expect(inSecond(0)).toBeLessThan(60);
      for (let second = 20; second < 60; second += 1) expect(inSecond(second)).toBeLessThan(10);
      world.controller.abort(new Error("over"));
    },
  );

  test("that refuses nearly everything is left alone by everyone for as long as it asks", async () => {
    const world = askerWorld({ script: ({ atMs }) => (atMs < 2000 ? busy(20_000) : "ok") });
    const calls = await world.clock.settle(Promise.all(names(200).map((name) => world.ask(name))));
    expect(calls.every(({ answer }) => answer.status === "ok")).toBe(true);
    const refusedBy = Math.max(...world.sent.map(({ atMs }) => atMs).filter((atMs) => atMs < 2000));
    const next = Math.min(...world.sent.map(({ atMs }) => atMs).filter((atMs) => atMs > refusedBy));
    expect(next).toBeGreaterThanOrEqual(refusedBy + 20_000);
  });

  test("tells one prompt to wait for an hour: that one is a row with an error, and the run goes on", async () => {
    const world = askerWorld({
      limits: { attempts: 2, downAfterS: 10, inFlight: 4 },
      script: ({ text }) => (text === "p5" ? busy(3_600_000) : "ok"),
      latencyMs: 1000,
    });
    const ended = await world.clock.settle(endings(names(200).map((name) => world.ask(name))));
    expect(ended[5]).toBe("failed");
    expect(ended.filter((status) => status === "ok")).toHaveLength(199);
  });

  test("is given longer each time where it does not say how long, with half the window", async () => {
    const world = askerWorld({
      limits: { inFlight: 16 },
      script: ({ number, atMs }) => (number > 0 && atMs < 9000 ? busy(null) : "ok"),
    });
    await world.clock.settle(Promise.all(names(64).map((name) => world.ask(name))));
    const rounds = new Map<number, number>();
    for (const { atMs } of world.sent.slice(1)) rounds.set(atMs, (rounds.get(atMs) ?? 0) + 1);
    const at = [...rounds.keys()];
    const pauses = at.slice(1, 6).map((atMs, place) => atMs - (at[place] ?? 0) - 10);
    for (const [place, most] of [500, 1000, 2000, 4000, 8000].entries()) {
      expect(pauses[place]).toBeGreaterThanOrEqual(most / 2);
      expect(pauses[place]).toBeLessThanOrEqual(most);
    }
    expect([...rounds.values()].slice(0, 2)).toEqual([16, 8]);
    expect(world.answered).toHaveLength(64);
  });

  test("ends the run when it stays busy for downAfterS", async () => {
    const world = askerWorld({ limits: { downAfterS: 60 }, script: () => busy(7000) });
    const ended = await world.clock.settle(endings(names(30).map((name) => world.ask(name))));
    expect(ended).toEqual(Array(30).fill("PROVIDER_FAILED"));
    expect(world.clock.now()).toBeLessThan(1000 + 75_000);
  });

  test("ends the run at once when it asks for more patience than downAfterS", async () => {
    const world = askerWorld({ script: () => busy(3_600_000) });
    expect(await world.clock.settle(messageOf(world.ask("a")))).toBe(
      "m at http://x/v1: asks to wait 3600 s, longer than limits.downAfterS = 300 (the reason). " +
        "Run again then, or raise limits.downAfterS to wait in the run: every answer so far is kept.",
    );
    expect(world.sent).toHaveLength(1);
  });
});

describe("a silent endpoint", () => {
  test("is tried by one request at a time, ever more rarely, and then given up by everyone", async () => {
    const world = askerWorld({ script: ({ number }) => (number === 0 ? "ok" : "transient") });
    const ended = await world.clock.settle(endings(names(100).map((name) => world.ask(name))));
    expect(ended).toEqual(["ok", ...Array<string>(99).fill("PROVIDER_FAILED")]);
    // 1, then 17 at once; seven of them fail before the eighth shows the silence, and seven others have taken their place.
    const probes = world.sent.slice(1 + 17 + 7);
    expect(probes[0]?.atMs).toBe(1000 + 20 + 1000);
    const gaps = probes.slice(1).map(({ atMs }, place) => atMs - (probes[place]?.atMs ?? 0));
    expect(gaps.slice(0, 4)).toEqual([2010, 4010, 8010, 16_010]);
    expect(Math.max(...gaps)).toBe(30_010);
    expect(world.clock.now()).toBe(1000 + 300_000 + 20);
    expect(world.clock.waiting()).toBe(0);
    expect(world.now.mostUnderWay).toBe(17);
  });

  test("is named, with the last failure and the cure", async () => {
    const world = askerWorld({ script: () => "transient", limits: { downAfterS: 10 } });
    expect(await world.clock.settle(messageOf(world.ask("a")))).toMatch(
      /^m at http:\/\/x\/v1: no answer for 1\d s; the last attempt: no luck with a\. Start the server/,
    );
    const sent = world.sent.length;
    expect(await world.clock.settle(messageOf(world.ask("b")))).toMatch(/no answer for/);
    expect(world.sent).toHaveLength(sent);
  });

  test("that only hangs is given up too", async () => {
    const world = askerWorld({ script: () => "timeout" });
    const ended = await world.clock.settle(endings(names(20).map((name) => world.ask(name))));
    expect(ended).toEqual(Array(20).fill("PROVIDER_FAILED"));
    expect(world.clock.now()).toBeLessThan(1000 + 300_000 + 2 * 120_000);
  });

  test("that comes back answers everyone", async () => {
    const isDown = (atMs: number): boolean => atMs > 1500 && atMs < 200_000;
    const world = askerWorld({
      script: ({ atMs }) => (isDown(atMs) ? "transient" : "ok"),
      latencyMs: 100,
    });
    const ended = await world.clock.settle(endings(names(500).map((name) => world.ask(name))));
    expect(ended).toEqual(Array(500).fill("ok"));
    expect(new Set(world.answered).size).toBe(500);
    expect(world.answered).toHaveLength(500);
    expect(world.sent.filter(({ atMs }) => isDown(atMs)).length).toBeLessThan(150);
  });

  test("does not count the time in which nobody asked it anything", async () => {
    const world = askerWorld({
      script: ({ text, attempt }) => (text === "a" || attempt === 0 ? "transient" : "ok"),
    });
    const leaver = new AbortController();
    const left = messageOf(world.ask("a", leaver.signal));
    await world.clock.advance(5000);
    leaver.abort(new Error("left"));
    expect(await world.clock.settle(left)).toBe("left");
    await world.clock.advance(3_600_000);
    expect((await world.clock.settle(world.ask("b"))).answer.status).toBe("ok");
  });

  test("gives up single prompts that never get an answer while others do", async () => {
    const world = askerWorld({
      limits: { attempts: 3 },
      script: ({ text }) => (text.startsWith("bad") ? "transient" : "ok"),
    });
    const asked = [...names(20), ...names(2, "bad"), ...names(20, "q")];
    const calls = await world.clock.settle(Promise.all(asked.map((name) => world.ask(name))));
    const failed = calls.filter(({ answer }) => answer.status === "failed");
    expect(failed.map(({ attempts }) => attempts)).toEqual([3, 3]);
    expect(failed[0]?.answer).toEqual({
      status: "failed",
      reason: "no answer in 3 attempts; the last: no luck with bad0",
    });
    expect(world.stored.size).toBe(40);
  });
});

describe("a prompt that gets only errors of the server itself", () => {
  const error: Step = { kind: "transient", isResponse: true };

  test.each([1, 10, 40])("is a row with an error, %d of them alone on a rerun", async (count) => {
    const world = askerWorld({ hasHistory: true, script: () => error });
    const ended = await world.clock.settle(endings(names(count).map((name) => world.ask(name))));
    expect(ended).toEqual(Array(count).fill("failed"));
    expect(world.sent).toHaveLength(6 * count);
    expect(world.clock.now()).toBeLessThan(120_000);
  });

  test("is a row with an error, also when it is among the last ten", async () => {
    const world = askerWorld({
      script: ({ text }) => (Number(text.slice(1)) >= 90 ? error : "ok"),
    });
    const ended = await world.clock.settle(endings(names(100).map((name) => world.ask(name))));
    expect(ended).toEqual([...Array<string>(90).fill("ok"), ...Array<string>(10).fill("failed")]);
  });

  test("says more about the server after a hundred in a row, which is then left to recover", async () => {
    const isDown = (atMs: number): boolean => atMs > 1500 && atMs < 120_000;
    const world = askerWorld({
      script: ({ atMs }) => (isDown(atMs) ? error : "ok"),
      latencyMs: 100,
    });
    const ended = await world.clock.settle(endings(names(900).map((name) => world.ask(name))));
    const failed = ended.filter((status) => status === "failed").length;
    expect(failed).toBeGreaterThanOrEqual(100);
    expect(failed).toBeLessThan(180);
    expect(ended.filter((status) => status === "ok")).toHaveLength(900 - failed);
  });

  test("ends the run where nothing was ever answered", async () => {
    const world = askerWorld({ script: () => error });
    const ended = await world.clock.settle(endings(names(10).map((name) => world.ask(name))));
    expect(ended).toEqual(Array(10).fill("PROVIDER_FAILED"));
  });
});

describe("what looks like a wrong setting", () => {
  const refusal: Step = {
    kind: "setup",
    later: { kind: "prompt", fault: "rejected" },
    reason: "the cure",
  };
  const noName: Step = { kind: "setup", later: { kind: "transient" }, reason: "the cure" };

  test.each([
    ["refusal", refusal],
    ["unknown host", noName],
  ])("ends the run at once while nothing was answered: %s", async (_, step) => {
    const world = askerWorld({ script: () => step });
    expect(await world.clock.settle(messageOf(world.ask("a")))).toBe("m at http://x/v1: the cure");
    expect(world.sent).toHaveLength(1);
  });

  test("is the row's error among answered prompts, and when it comes first in a later session", async () => {
    const script = ({ text }: { readonly text: string }): Step => (text === "p7" ? refusal : "ok");
    const world = askerWorld({ script, limits: { inFlight: 1 } });
    const ended = await world.clock.settle(endings(names(10).map((name) => world.ask(name))));
    expect(ended).toEqual(names(10).map((name) => (name === "p7" ? "rejected" : "ok")));

    const later = askerWorld({ script, hasHistory: true });
    expect((await later.clock.settle(later.ask("p7"))).answer.status).toBe("rejected");
    expect((await later.clock.settle(later.ask("p8"))).answer.status).toBe("ok");
  });

  test("is the row's error, forty of them alone in a later session", async () => {
    const later = askerWorld({ script: () => refusal, hasHistory: true });
    const ended = await later.clock.settle(endings(names(40).map((name) => later.ask(name))));
    expect(ended).toEqual(Array(40).fill("rejected"));
  });

  test("passes among answered prompts where it may pass", async () => {
    const world = askerWorld({
      script: ({ text, attempt }) => (text === "p7" && attempt < 2 ? noName : "ok"),
      limits: { inFlight: 1 },
    });
    const ended = await world.clock.settle(endings(names(10).map((name) => world.ask(name))));
    expect(ended).toEqual(Array(10).fill("ok"));
    expect(world.sent).toHaveLength(12);
  });
});

describe("a fatal fault", () => {
  test("ends everyone at once, and nothing more is sent", async () => {
    const world = askerWorld({
      limits: { inFlight: 8 },
      script: ({ number }) => (number === 30 ? fatal : number === 31 ? "hang" : "ok"),
    });
    const calls = names(200).map((name) => world.ask(name));
    const ended = await world.clock.settle(endings(calls));
    const sentByThen = world.sent.length;
    expect(new Set(ended)).toEqual(new Set(["ok", "PROVIDER_FAILED"]));
    expect(ended[31]).toBe("PROVIDER_FAILED");
    expect(sentByThen).toBeLessThanOrEqual(30 + 8);
    expect(await world.clock.settle(messageOf(world.ask("later")))).toBe(
      "m at http://x/v1: the reason",
    );
    await world.clock.advance(600_000);
    expect(world.sent).toHaveLength(sentByThen);
    expect(world.clock.waiting()).toBe(0);
  });

  test("loses no answer that was under way", async () => {
    const world = askerWorld({
      limits: { inFlight: 4 },
      script: ({ number }) => (number === 1 ? fatal : "ok"),
    });
    await world.clock.settle(endings(names(5).map((name) => world.ask(name))));
    await world.clock.advance(1000);
    expect(world.answered).toHaveLength(4);
    expect(world.stored.size).toBe(4);
  });
});

describe("refused prompts", () => {
  test("end the run when they are the first twenty and nothing was answered", async () => {
    const world = askerWorld({ limits: { inFlight: 1 }, script: () => prompt("rejected") });
    const ended = await world.clock.settle(endings(names(60).map((name) => world.ask(name))));
    expect(ended.slice(0, 19)).toEqual(Array(19).fill("rejected"));
    expect(ended.slice(19)).toEqual(Array(41).fill("PROVIDER_FAILED"));
    expect(world.sent).toHaveLength(20);
    expect(world.stored.size).toBe(0);
    expect(await messageOf(world.ask("later"))).toContain(
      "refused the first 20 prompts and answered none. The first reason: the reason.",
    );
  });

  test("are rows like any other once something was answered", async () => {
    const world = askerWorld({
      script: ({ text }) => (text === "p3" ? "ok" : prompt("rejected")),
      limits: { inFlight: 1 },
    });
    const ended = await world.clock.settle(endings(names(60).map((name) => world.ask(name))));
    expect(ended.filter((status) => status === "rejected")).toHaveLength(59);
    // The three before the first answer are not remembered: the endpoint might have been set up wrongly.
    expect(world.stored.size).toBe(57);
  });
});

describe("an abort", () => {
  test.each<[string, (sent: { readonly number: number }) => Step]>([
    ["under way, for a transport that does not listen", () => "hang"],
    ["in back-off", () => "transient"],
    ["in a cool-down", () => busy(200_000)],
    ["after a few answers", ({ number }) => (number < 20 ? "ok" : "hang")],
  ])("rejects everyone: %s", async (_name, script) => {
    const world = askerWorld({ script, budget: { maxRequests: 60 } });
    const calls = endings(names(100).map((name) => world.ask(name)));
    await world.clock.advance(100);
    world.controller.abort(new Error("stopped by hand"));
    const ended = await calls;
    const sent = world.sent.length;
    expect(new Set(ended.filter((status) => status !== "ok"))).toEqual(
      new Set(["stopped by hand"]),
    );
    expect(await messageOf(world.ask("later"))).toBe("stopped by hand");
    await world.clock.advance(1000);
    expect(world.sent).toHaveLength(sent);
    expect(world.clock.waiting()).toBe(0);
  });

  test("of one asker leaves the others their turn", async () => {
    const world = askerWorld({ limits: { inFlight: 1 }, latencyMs: 1000 });
    const leaver = new AbortController();
    const calls = [
      world.ask("a"),
      world.ask("b", leaver.signal),
      world.ask("c", leaver.signal),
      world.ask("d"),
    ];
    const ended = endings(calls);
    await world.clock.advance(500);
    leaver.abort(new Error("left"));
    expect(await world.clock.settle(ended)).toEqual(["ok", "left", "left", "ok"]);
    expect(world.sent.map(({ text }) => text)).toEqual(["a", "d"]);
  });
});

describe("the budget", () => {
  test.each<[string, (sent: { readonly attempt: number; readonly number: number }) => Step]>([
    [
      "lost ones",
      ({ attempt, number }) => (attempt === 0 && number % 3 === 0 ? "transient" : "ok"),
    ],
    ["refused ones", ({ number }) => (number % 3 === 0 ? busy(500) : "ok")],
    ["timeouts", ({ attempt, number }) => (attempt === 0 && number % 3 === 0 ? "timeout" : "ok")],
    ["prompts that never get one", ({ number }) => (number % 10 === 3 ? prompt("empty") : "ok")],
  ])(
    "of requests is used to the last one and never exceeded, with %s among them",
    async (_, script) => {
      const world = askerWorld({ budget: { maxRequests: 50 }, script });
      const ended = await world.clock.settle(endings(names(80).map((name) => world.ask(name))));
      expect(world.sent).toHaveLength(50);
      expect(world.spent.requests).toBe(50);
      const done = ended.filter((status) => status !== "BUDGET_SPENT");
      expect(done.length).toBe(world.stored.size);
      expect(new Set(ended)).toContain("BUDGET_SPENT");
      const answered = world.answered[0] ?? "";
      expect((await world.clock.settle(world.ask(answered))).isCached).toBe(true);
    },
  );

  test("of dollars counts an attempt that timed out at its highest cost, and a refused one at nothing", async () => {
    const steps: readonly Step[] = [
      { kind: "transient", mayBePaid: true },
      "transient",
      busy(1),
      "ok",
    ];
    const world = askerWorld({
      budget: { maxCostUsd: 2 },
      price: { prompt: 1000, completion: 1000 },
      script: ({ attempt }) => steps[attempt] ?? "ok",
    });
    await world.clock.settle(world.ask("four"));
    // At most 512 + 16 + 4 bytes, 2 of extra fields and 100 tokens of an answer, then 15 in fact.
    expect(world.spent).toEqual({ requests: 4, costUsd: 0.634 + 0.015 });
    expect(world.departed).toEqual(Array(4).fill(0.634));
    expect(world.now.unaccounted).toBe(0);
  });

  test("of dollars is never exceeded, though each answer may cost more than it does", async () => {
    // At most 512 + 16 + 3 + 2 + 100 tokens of US$ 0.001 each, in fact 15: 0.633 set aside, 0.015 paid.
    const world = askerWorld({
      budget: { maxCostUsd: 1 },
      price: { prompt: 1000, completion: 1000 },
    });
    const ended = await world.clock.settle(endings(names(100).map((name) => world.ask(name))));
    const paid = ended.filter((status) => status === "ok").length;
    // The last that may go finds at most 1 - 0.633 spent: 24 * 0.015 = 0.36, and 25 * 0.015 = 0.375 is too much.
    expect(paid).toBe(25);
    expect(world.spent.costUsd).toBeCloseTo(0.375, 9);
  });

  test("is charged the most that an answer can cost where the endpoint counts no tokens", async () => {
    const world = askerWorld({
      budget: { maxCostUsd: 1 },
      price: { prompt: 1000, completion: 1000 },
      usage: { promptTokens: null, completionTokens: null, cachedTokens: null },
    });
    const call = await world.clock.settle(world.ask("four"));
    expect(call.costUsd).toBeNull();
    expect(world.spent.costUsd).toBeCloseTo(0.634, 9);
  });

  test.each<[string, Step, number]>([
    ["a wrong key at nothing", { kind: "fatal" }, 0],
    ["an answer of an unknown shape at its highest cost", unknownShape, 0.634],
  ])("of dollars counts what ends the run: %s", async (_, step, costUsd) => {
    const world = askerWorld({
      price: { prompt: 1000, completion: 1000 },
      script: () => step,
    });
    await world.clock.settle(endings([world.ask("four")]));
    expect(world.spent).toEqual({ requests: 1, costUsd });
    expect(world.now.unaccounted).toBe(0);
  });

  test.each<[string, (sent: { readonly number: number }) => Step]>([
    [
      "timeouts and refusals",
      ({ number }) => (["ok", "timeout", busy(10)] as const)[number % 3] ?? "ok",
    ],
    ["a fatal fault", ({ number }) => (number === 40 ? fatal : "ok")],
    ["prompts that never get an answer", ({ number }) => (number % 5 === 1 ? "transient" : "ok")],
  ])("leaves no request unaccounted for after %s", async (_, script) => {
    const world = askerWorld({ script });
    await world.clock.settle(endings(names(80).map((name) => world.ask(name))));
    await world.clock.advance(1000);
    expect(world.now.unaccounted).toBe(0);
    expect(world.departed).toHaveLength(world.sent.length);
  });
});
