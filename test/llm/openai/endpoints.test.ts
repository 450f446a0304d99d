import { describe, expect, test } from "vitest";
import { balance } from "../../../src/llm/openai/endpoints.ts";

function setUp(names: readonly string[]) {
  const clock = { ms: 1000 };
  const endpoints = balance(names, () => clock.ms);
  const fail = (): string => {
    const turn = endpoints.take();
    clock.ms += 1;
    turn.end("down");
    return turn.endpoint;
  };
  return { clock, endpoints, fail };
}

describe("balance", () => {
  test("gives the endpoint with the fewest under way, and takes turns among equals", () => {
    const { endpoints } = setUp(["a", "b", "c"]);
    const turns = [1, 2, 3, 4].map(() => endpoints.take());
    expect(turns.map((turn) => turn.endpoint)).toEqual(["a", "b", "c", "a"]);
    turns[1]?.end("up");
    expect(endpoints.take().endpoint).toBe("b");
    turns[2]?.end("unknown");
    expect(endpoints.take().endpoint).toBe("c");
  });

  test("gives one that has not responded yet a single request while another has", () => {
    const { endpoints } = setUp(["a", "b"]);
    endpoints.take().end("up");
    const first = endpoints.take();
    expect(first.endpoint).toBe("b");
    expect([1, 2, 3].map(() => endpoints.take().endpoint)).toEqual(["a", "a", "a"]);
    first.end("unknown");
    const second = endpoints.take();
    expect([second, endpoints.take()].map(({ endpoint }) => endpoint)).toEqual(["b", "a"]);
    second.end("up");
    expect([1, 2].map(() => endpoints.take().endpoint)).toEqual(["b", "b"]);
  });

  test("rests one that failed for 0.5 s, then 1 s, and at most 30 s", () => {
    const { clock, endpoints, fail } = setUp(["a", "b"]);
    const rests: number[] = [];
    expect(fail()).toBe("a");
    for (let failure = 1; failure <= 9; failure++) {
      const from = clock.ms;
      for (;;) {
        const turn = endpoints.take();
        if (turn.endpoint === "a") {
          rests.push(clock.ms - from);
          clock.ms += 1;
          turn.end("down");
          break;
        }
        turn.end("up");
        clock.ms += 100;
      }
    }
    expect(rests).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  });

  test("failures of requests that were under way together count once", () => {
    const { clock, endpoints } = setUp(["a", "b"]);
    const turns = [1, 2, 3, 4].map(() => endpoints.take());
    for (const turn of turns) if (turn.endpoint === "a") turn.end("down");
    clock.ms += 500;
    expect(endpoints.take().endpoint).toBe("a");
  });

  test("a rested endpoint is tried with one request; its answer lets in the others", () => {
    const { clock, endpoints, fail } = setUp(["a", "b"]);
    expect(fail()).toBe("a");
    expect(endpoints.take().endpoint).toBe("b");
    clock.ms += 500;
    const trial = endpoints.take();
    expect(trial.endpoint).toBe("a");
    expect([1, 2, 3].map(() => endpoints.take().endpoint)).toEqual(["b", "b", "b"]);
    trial.end("up");
    expect([1, 2, 3].map(() => endpoints.take().endpoint)).toEqual(["a", "a", "a"]);
  });

  test("an answer clears the count of failures", () => {
    const { clock, endpoints, fail } = setUp(["a", "b"]);
    expect(fail()).toBe("a");
    expect([1, 2].map(() => endpoints.take().endpoint)).toEqual(["b", "b"]);
    clock.ms += 500;
    expect(fail()).toBe("a");
    clock.ms += 1000;
    endpoints.take().end("up");
    expect(fail()).toBe("a");
    clock.ms += 499;
    expect(endpoints.take().endpoint).toBe("b");
    clock.ms += 1;
    expect(endpoints.take().endpoint).toBe("a");
  });

  test("when all rest, the one due first is used", () => {
    const { clock, endpoints, fail } = setUp(["a", "b"]);
    expect(fail()).toBe("a");
    clock.ms += 100;
    expect(fail()).toBe("b");
    expect(endpoints.take().endpoint).toBe("a");
    expect(endpoints.take().endpoint).toBe("a");
  });

  test("one that the caller gave up on is neither failed nor cleared", () => {
    const { endpoints, fail, clock } = setUp(["a", "b"]);
    endpoints.take().end("unknown");
    expect(fail()).toBe("b");
    clock.ms += 500;
    const trial = endpoints.take();
    trial.end("unknown");
    expect(trial.endpoint).toBe("a");
    expect(endpoints.take().endpoint).toBe("b");
  });
});
