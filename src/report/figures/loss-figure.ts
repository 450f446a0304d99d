import { lineFor, linearScale, mark, measureAxis, x, y } from "../../page/chart-parts.ts";
import { figure } from "../../page/figure.ts";
import type { Html } from "../../page/html.ts";
import type { AdapterResult } from "../finetune-results.ts";
import { variantColours } from "./variant-colours.ts";

/** Validation loss of each adapter by epoch, the kept epochs marked. Null without validation rows. */
export async function lossFigure(adapters: readonly AdapterResult[]): Promise<Html | null> {
  const names = adapters.map(({ subject, role }) => `${role} about ${subject}s`);
  const colourOf = variantColours(names);
  const points = adapters.flatMap(({ epochs, bestEpoch }, place) => {
    const name = names[place] ?? "";
    return epochs.flatMap(({ epoch, validLoss }) =>
      validLoss === null
        ? []
        : { epoch, y: validLoss, line: name, colour: colourOf(name), isKept: epoch === bestEpoch },
    );
  });
  if (points.length === 0) return null;
  const values = points.map((point) => point.y);
  const place = { x: x("epoch"), y: y("y") };
  return figure({
    title: "Validation loss in nats, by epoch; 0 is the base model",
    description: points
      .filter(({ isKept }) => isKept)
      .map((point) => `${point.line}: ${point.y.toFixed(3)} at the kept epoch ${point.epoch}`)
      .join("; "),
    key: names.map((label) => ({ label, colour: colourOf(label) })),
    spec: {
      data: [
        { name: "points", values: points },
        {
          name: "kept",
          source: "points",
          transform: [{ type: "filter", expr: "datum.isKept" }],
        },
      ],
      scales: [
        linearScale("x", [0, Math.max(...points.map(({ epoch }) => epoch))], { zero: false }),
        linearScale("y", [Math.min(...values), Math.max(...values)], { zero: false, nice: true }),
      ],
      axes: [
        { orient: "bottom", scale: "x", title: "Epoch", tickMinStep: 1, format: "d" },
        measureAxis("Validation loss in nats"),
      ],
      marks: [
        lineFor("line", "points", place),
        mark("symbol", "kept", { ...place, fill: { field: "colour" }, size: { value: 45 } }),
      ],
    },
  });
}
