import { describe, expect, test } from "vitest";
import { createGraph } from "../../src/autodiff/graph.ts";
import { peakBytes } from "../../src/autodiff/peak-bytes.ts";
import { graphOps } from "../../src/autodiff/trace.ts";

function tracer() {
  const graph = createGraph();
  const ops = graphOps(graph);
  const input = graph.node({ kind: "input", name: "x" }, [], [1000]); // 4,000 bytes, not ours
  return { ops, input };
}

describe("peakBytes", () => {
  test("counts a chain's tensor and the one it is made from, however long the chain", () => {
    const { ops, input } = tracer();
    let x = ops.sigmoid(input);
    for (let step = 0; step < 20; step++) x = ops.tanh(x);
    expect(peakBytes([x])).toBe(2 * 4000);
  });

  test("counts what is used again later, and outputs, until the end", () => {
    const { ops, input } = tracer();
    const early = ops.sigmoid(input);
    const late = ops.tanh(ops.tanh(ops.tanh(early)));
    expect(peakBytes([ops.add(early, late)])).toBe(3 * 4000);
    expect(peakBytes([early, ops.sum(late, [0])])).toBe(3 * 4000);
  });

  test("a reshaped tensor is the tensor itself, and lives as long as its last user", () => {
    const { ops, input } = tracer();
    const square = ops.reshape(ops.sigmoid(input), [10, 100]);
    expect(peakBytes([ops.sum(ops.tanh(square), [0, 1])])).toBe(2 * 4000);
  });

  test("leaves out nodes that no output needs", () => {
    const { ops, input } = tracer();
    ops.tanh(input);
    expect(peakBytes([ops.sum(input, [0])])).toBe(4);
  });
});
