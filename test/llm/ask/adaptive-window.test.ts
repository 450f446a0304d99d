import { describe, expect, test } from "vitest";
import { createAdaptiveWindow } from "../../../src/llm/ask/adaptive-window.ts";

function grown(window: ReturnType<typeof createAdaptiveWindow>, answers: number): number {
  for (let answer = 0; answer < answers; answer += 1) window.grow();
  return window.size();
}

describe("createAdaptiveWindow", () => {
  test("starts at 16, or at its bound, and never exceeds that", () => {
    expect(createAdaptiveWindow(64).size()).toBe(16);
    expect(createAdaptiveWindow(4).size()).toBe(4);
    expect(grown(createAdaptiveWindow(4), 100)).toBe(4);
    expect(grown(createAdaptiveWindow(64), 1000)).toBe(64);
  });

  test("grows by one an answer until it first shrinks, then by one for a window's worth", () => {
    const window = createAdaptiveWindow(1000);
    expect(grown(window, 24)).toBe(40);
    expect(window.shrink(0, 5000)).toBe(true);
    expect(window.size()).toBe(20);
    expect(grown(window, 19)).toBe(20);
    expect(grown(window, 2)).toBe(21);
  });

  test("shrinks once for all sent before, and at most once a second", () => {
    const window = createAdaptiveWindow(64);
    expect(window.shrink(0, 5000)).toBe(true);
    expect(window.shrink(4999, 7000)).toBe(false);
    expect(window.shrink(5000, 5999)).toBe(false);
    expect(window.size()).toBe(8);
    expect(window.shrink(5000, 6000)).toBe(true);
    expect(window.size()).toBe(4);
  });

  test("keeps room for one", () => {
    const window = createAdaptiveWindow(2);
    for (let second = 1; second < 9; second += 1) window.shrink(second * 1000, second * 1000);
    expect(window.size()).toBe(1);
  });

  test("takes a lower bound and no higher one", () => {
    const window = createAdaptiveWindow(64);
    window.bound(5);
    expect(window.size()).toBe(5);
    window.bound(50);
    expect(grown(window, 100)).toBe(5);
  });

  test("loses the share of refusals, and gets it back as they become fewer", () => {
    const window = createAdaptiveWindow(64);
    grown(window, 64);
    for (let refusal = 0; refusal < 16; refusal += 1) window.refuse(0, 0);
    expect(window.size()).toBe(48);
    expect(window.isOverloaded()).toBe(false);
    expect(grown(window, 64)).toBe(64);
  });

  test("is halved once a second while more than half is refused", () => {
    const window = createAdaptiveWindow(64);
    grown(window, 64);
    for (let refusal = 0; refusal < 32; refusal += 1) window.refuse(0, 0);
    expect(window.size()).toBe(32);
    window.refuse(1000, 1000);
    expect(window.isOverloaded()).toBe(true);
    expect(window.size()).toBe(32);
    window.refuse(2000, 2000);
    expect(window.size()).toBe(16);
  });
});
