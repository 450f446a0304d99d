import type { ModelSummary } from "../run-results.ts";
import type { Maker } from "./makers.ts";
import type { FigurePoint, PaperFigure } from "./paper-comparison.ts";
import type { PaperFigureText } from "./paper-results.ts";

type By = PaperFigureText["by"];

/** A variant's place on the axis. */
interface Place {
  readonly name: string;
  /** Places are in this order. */
  readonly rank: number;
}

const axes: Readonly<Record<By, string>> = {
  reflector: "Reflector, parameters or name of the model",
  actor: "Actor, parameters or name of the model",
  strategy: "Strategy",
  rounds: "Most rounds of refinement",
};

/** The run's knowledge variants on the axis of a figure; those that have no place on it are left out. */
export function compareFigure(
  by: By,
  summaries: readonly ModelSummary[],
  makers: readonly Maker[],
): PaperFigure {
  const placed = summaries.flatMap((summary) => {
    const maker = makers.find(({ variant }) => variant === summary.variant);
    const place = maker === undefined ? null : placeOf(by, maker);
    if (maker === undefined || place === null || summary.role !== "knowledge") return [];
    return [{ summary, maker, place }];
  });
  const encoders = new Set(placed.map(({ maker }) => maker.encoder));
  const points = placed.map(({ summary, maker, place }): FigurePoint => ({
    backbone: summary.backbone,
    series: seriesOf(by, maker) + (encoders.size > 1 ? `, ${maker.encoder ?? ""}` : ""),
    at: place.name,
    auc: summary.auc,
    logloss: summary.logloss,
  }));
  const ranks = new Map(placed.map(({ place }) => [place.name, place.rank]));
  const places = [...ranks].toSorted((a, b) => a[1] - b[1]).map(([name]) => name);
  const bases = summaries
    .filter(({ role }) => role === "base")
    .map(({ backbone, auc, logloss }) => ({ backbone, auc, logloss }));
  return {
    axis: axes[by],
    isOrdered: by !== "strategy",
    places,
    points: points.toSorted((a, b) => places.indexOf(a.at) - places.indexOf(b.at)),
    bases,
  };
}

/** Null for a variant that the figure is not about. */
function placeOf(by: By, maker: Maker): Place | null {
  const { strategy, rounds, samples } = maker;
  if (strategy === null || !maker.isWhole) return null;
  const steps = strategy === "reason" ? 0 : rounds;
  switch (by) {
    case "rounds":
      return steps === null ? null : { name: `T = ${steps}`, rank: steps };
    case "strategy":
      if (strategy === "reason") return { name: "one pass", rank: 0 };
      if (strategy === "filter") return { name: `Filter, N = ${samples ?? "?"}`, rank: 1 };
      return strategy === "iterate" ? { name: `Iter, T = ${rounds ?? "?"}`, rank: 2 } : null;
    case "reflector":
      return strategy === "iterate" ? sized(maker.reflectorModel) : null;
    case "actor":
      return strategy === "iterate" || strategy === "reason" ? sized(maker.actorModel) : null;
  }
}

/** A model by its number of parameters where its name says it: "Qwen2.5-7B-Instruct" is 7B. Names without one come last. */
function sized(model: string | null): Place {
  const [, billions] = /(\d+(?:\.\d+)?)b(?![a-z])/i.exec(model ?? "") ?? [];
  return billions === undefined
    ? { name: model ?? "profiler", rank: Infinity }
    : { name: `${billions}B`, rank: Number(billions) };
}

/** Who wrote the texts; on the axis of actors, whether a reflector judged them. */
function seriesOf(by: By, { isProfiler, strategy, actorModel }: Maker): string {
  const writer = isProfiler ? "profiler" : (actorModel ?? "unknown");
  if (by !== "actor") return writer;
  const judged = strategy === "reason" ? "without the reflector" : "with the reflector";
  return isProfiler ? `profiler, ${judged}` : judged;
}
