import { variantColours } from "./variant-colours.ts";
import { backboneName } from "../wording/display-names.ts";
import { lineFor, linearScale, mark, measureAxis, x, y } from "../../page/chart-parts.ts";
import { figure, type KeyEntry } from "../../page/figure.ts";
import { formatScore } from "../wording/format-score.ts";
import type { Html } from "../../page/html.ts";
import type { EpochPoint } from "../report-details.ts";
import type { ModelResult } from "../run-results.ts";

/** Two figures per backbone: validation AUC (if there is a validation split) and training loss by epoch, one line per seed. */
export function trainingFigures(
  epochs: readonly EpochPoint[],
  models: readonly ModelResult[],
): Promise<readonly Html[]> {
  const shown = shownModels(models);
  const auc = pointsOf(epochs, shown, (epoch) => epoch.validAuc);
  const loss = pointsOf(epochs, shown, (epoch) => epoch.trainLoss);
  const backbones = [...new Set(shown.map((model) => model.backbone))];
  const figures = backbones.flatMap((backbone) => [
    ...(auc.length === 0 ? [] : [curves({ backbone, points: auc, figureName: "Validation AUC" })]),
    curves({ backbone, points: loss, figureName: "Training loss", unit: "nats" }),
  ]);
  return Promise.all(figures);
}

/** Models of the selected trials. If there is knowledge, controls are left out: they would hide it and Base. */
export function shownModels(models: readonly ModelResult[]): readonly ModelResult[] {
  const selected = models.filter(({ isSelected }) => isSelected);
  const hasKnowledge = selected.some(({ role }) => role === "knowledge");
  return selected.filter(({ role }) => !hasKnowledge || role !== "control");
}

interface CurvePoint {
  readonly backbone: string;
  readonly variant: string;
  readonly seed: number;
  readonly epoch: number;
  readonly y: number;
  /** One line is one trained model. */
  readonly line: string;
  readonly isScored: boolean;
  readonly colour: string;
  readonly dash: readonly number[];
}

function pointsOf(
  epochs: readonly EpochPoint[],
  models: readonly ModelResult[],
  read: (epoch: EpochPoint) => number | null,
): readonly CurvePoint[] {
  const colourOf = variantColours(models.map(({ variant }) => variant));
  return epochs.flatMap((epoch) => {
    const y = read(epoch);
    const { backbone, variant, trial, seed } = epoch;
    const model = models.find(
      (one) =>
        one.backbone === backbone &&
        one.variant === variant &&
        one.trial === trial &&
        one.seed === seed,
    );
    if (y === null || model === undefined) return [];
    return {
      backbone,
      variant,
      seed,
      epoch: epoch.epoch,
      y,
      line: `${variant} ${seed}`,
      isScored: model.bestEpoch === epoch.epoch,
      colour: colourOf(variant),
      dash: variant === "Base" ? [5, 3] : [],
    };
  });
}

interface CurvesOptions {
  readonly backbone: string;
  /** Points of all backbones, so that their figures share both scales. */
  readonly points: readonly CurvePoint[];
  readonly figureName: string;
  readonly unit?: string;
}

function curves({ backbone, points, figureName, unit }: CurvesOptions): Promise<Html> {
  const own = points.filter((point) => point.backbone === backbone);
  const values = points.map((point) => point.y);
  const axisTitle = unit === undefined ? figureName : `${figureName} in ${unit}`;
  return figure({
    title: `${backboneName(backbone)}: ${axisTitle}, by epoch`,
    description: describe(own),
    key: keyOf(own),
    spec: {
      data: [
        { name: "points", values: [...own] },
        {
          name: "scored",
          source: "points",
          transform: [{ type: "filter", expr: "datum.isScored" }],
        },
      ],
      scales: [
        linearScale("x", [1, Math.max(2, ...points.map((point) => point.epoch))], { zero: false }),
        linearScale("y", [Math.min(...values), Math.max(...values)], { zero: false, nice: true }),
      ],
      axes: [
        { orient: "bottom", scale: "x", title: "Epoch", tickMinStep: 1, format: "d" },
        measureAxis(axisTitle),
      ],
      marks: [lines, dots],
    },
  });
}

/** The range of each variant's values at the epochs whose weights were scored. */
function describe(points: readonly CurvePoint[]): string {
  const variants = [...new Set(points.map((point) => point.variant))];
  return variants
    .map((variant) => {
      const scored = points.filter((point) => point.variant === variant && point.isScored);
      const values = scored.map((point) => point.y);
      const name = variant;
      if (values.length === 0) return `${name}: no scored epoch`;
      const range = `${formatScore(Math.min(...values))} to ${formatScore(Math.max(...values))}`;
      return `${name}, ${values.length} ${values.length === 1 ? "seed" : "seeds"}: ${range} at the scored epochs`;
    })
    .join("; ");
}

function keyOf(points: readonly CurvePoint[]): readonly KeyEntry[] {
  const firsts = new Map(points.map((point) => [point.variant, point]));
  return [...firsts.values()].map(({ variant, colour }) => ({
    label: variant,
    colour,
    isDashed: variant === "Base",
  }));
}

const place = { x: x("epoch"), y: y("y") };

const lines = lineFor("line", "points", { ...place, strokeDash: { field: "dash" } });

const dots = mark("symbol", "scored", {
  ...place,
  fill: { field: "colour" },
  size: { value: 45 },
});
