import { formatCount, formatSeconds } from "../../page/format-number.ts";
import { html, type Html, type HtmlValue } from "../../page/html.ts";
import { dataTable, section } from "../../page/page-parts.ts";
import { renderPage } from "../../page/page.ts";
import { shortText } from "../../page/short-text.ts";
import { intervalFigure } from "../figures/interval-figure.ts";
import { backboneName } from "../wording/display-names.ts";
import { formatLiftAndInterval, formatMeanAndSpread, formatP } from "../wording/format-score.ts";
import {
  differenceSentence,
  notPairedSentence,
  selectedOnTestSentence,
  simulatedSentence,
} from "./comparison-notes.ts";
import {
  costTotal,
  dollarText,
  stageTimes,
  taskSeconds,
  tokenText,
  type StageTimes,
} from "./cost-texts.ts";
import { differenceOf, type ComparedResult, type RunComparison } from "./run-comparison.ts";
import { settingText } from "./setting-text.ts";

/** Compared runs as one HTML file. */
export async function comparisonPage(comparison: RunComparison): Promise<string> {
  const { runs, differences } = comparison;
  return renderPage({
    kind: "r4ec comparison",
    title: runs.map(({ run }) => run).join(", "),
    subtitle: [
      ...new Set(runs.map(({ dataset, protocol }) => `${dataset} · protocol ${protocol}`)),
    ].join(" and "),
    warning: simulatedSentence(comparison),
    sections: [
      ["runs", "Runs"],
      ["settings", "Settings"],
      ["results", "Results"],
      ...(differences.length === 0 ? [] : [["differences", "Differences"] as const]),
      ["cost", "Cost"],
      ["time", "Time"],
    ],
    content: [
      section("runs", "Runs", runsTable(comparison)),
      section("settings", "Settings that differ", settingsTable(comparison)),
      section("results", "Results", resultsPart(comparison)),
      differences.length === 0
        ? null
        : section("differences", "Differences between runs", await differenceFigures(comparison)),
      section("cost", "Cost", costTable(comparison)),
      section("time", "Time", timeTable(comparison)),
    ],
  });
}

function runsTable({ runs }: RunComparison): Html {
  return dataTable(
    runs,
    [
      { head: "Run", cell: ({ run }) => html`<strong>${run}</strong>` },
      { head: "Folder", cell: ({ folder }) => shortText(folder) },
      { head: "Protocol", cell: ({ protocol }) => protocol },
      { head: "Data", cell: ({ dataset }) => shortText(dataset) },
      {
        head: "Test rows",
        isNumber: true,
        cell: ({ testRows }) => (testRows === null ? "none yet" : formatCount(testRows.rows)),
      },
      {
        head: "Seeds",
        cell: ({ seeds }) => (seeds.length === 0 ? "no models yet" : seeds.join(", ")),
      },
      ...(runs.every(({ pendingStages }) => pendingStages.length === 0)
        ? []
        : [
            {
              head: "To be run",
              cell: ({ pendingStages }: RunComparison["runs"][number]) => pendingStages.join(", "),
            },
          ]),
    ],
    `${formatCount(runs.length)} runs; the others are compared with the first`,
  );
}

function settingsTable({ runs, settings }: RunComparison): Html {
  if (settings.length === 0) return html`<p>All settings are the same.</p>`;
  return dataTable(
    settings,
    [
      { head: "Setting", cell: ({ setting }) => html`<code>${setting}</code>` },
      ...runs.map(({ run }, place) => ({
        head: run,
        cell: ({ values }: RunComparison["settings"][number]) =>
          shortText(settingText(values[place] ?? null)),
      })),
    ],
    `${formatCount(settings.length)} settings are not the same in all runs`,
  );
}

function resultsPart(comparison: RunComparison): HtmlValue {
  const { runs, results } = comparison;
  if (results.length === 0) return html`<p class="pending">No run has trained models yet.</p>`;
  const first = runs[0]?.run ?? "";
  const isFirst = (one: ComparedResult): boolean => {
    const before = results[results.indexOf(one) - 1];
    return before?.backbone !== one.backbone || before.label !== one.label;
  };
  const flattered = selectedOnTestSentence(comparison);
  return [
    dataTable(
      results,
      [
        { head: "Backbone", cell: (one) => (isFirst(one) ? backboneName(one.backbone) : null) },
        { head: "Variant", cell: (one) => (isFirst(one) ? one.label : null) },
        { head: "Run", cell: ({ run }) => run },
        { head: "AUC", isNumber: true, cell: ({ auc }) => formatMeanAndSpread(auc) },
        { head: "LogLoss", isNumber: true, cell: ({ logloss }) => formatMeanAndSpread(logloss) },
        {
          head: "AUC lift over Base",
          isNumber: true,
          cell: ({ aucLift, aucLiftInterval }) =>
            aucLift === null ? null : formatLiftAndInterval(aucLift, aucLiftInterval),
        },
        {
          head: `AUC against ${first}`,
          isNumber: true,
          cell: (one) => {
            const found = differenceOf(comparison, one);
            return found === undefined
              ? null
              : formatLiftAndInterval(found.aucDifference, found.aucInterval);
          },
        },
        {
          head: "p",
          isNumber: true,
          cell: (one) => formatP(differenceOf(comparison, one)?.aucPHolm ?? null),
        },
      ],
      "Means over seeds, ± one standard deviation; in brackets 95 % intervals",
      { isFirst, isDense: true },
    ),
    comparison.notPaired.map(
      (one) => html`<p class="warning">${notPairedSentence(comparison, one)}.</p>`,
    ),
    flattered === null ? null : html`<p class="warning">${flattered}.</p>`,
  ];
}

/** A figure per backbone. */
async function differenceFigures(comparison: RunComparison): Promise<HtmlValue> {
  const { differences } = comparison;
  const backbones = [...new Set(differences.map(({ backbone }) => backbone))];
  const sentence = differenceSentence(comparison);
  const figures = await Promise.all(
    backbones.map((backbone) => differenceFigure(comparison, backbone)),
  );
  return [
    sentence === null ? null : html`<p>Each is ${sentence}.</p>`,
    html`<div class="figures">${figures}</div>`,
  ];
}

function differenceFigure(
  { runs: [first], differences, results }: RunComparison,
  backbone: string,
): Promise<Html> {
  const own = differences.filter((one) => one.backbone === backbone);
  const labelIn = (run: string, variant: string): string =>
    results.find((one) => one.run === run && one.variant === variant)?.label ?? variant;
  return intervalFigure(
    { models: [] },
    {
      title: `${backboneName(backbone)}: AUC against ${first?.run ?? ""}`,
      axisTitle: `AUC minus AUC in ${first?.run ?? ""}`,
      comparisons: own.map((one) => ({
        ...{ backbone, variant: one.variant, baseline: one.run, baselineRole: "base" },
        role: results.find(({ variant }) => variant === one.variant)?.role ?? "knowledge",
        ...{ seeds: one.seeds, aucLift: one.aucDifference, aucLiftInterval: one.aucInterval },
        ...{ aucP: one.aucP, aucPHolm: one.aucPHolm },
        ...{ loglossP: one.loglossP, loglossPHolm: one.loglossPHolm },
        ...{ aucRelative: 0, loglossChange: one.loglossDifference, loglossRelative: 0 },
        ...{ loglossChangeInterval: one.loglossInterval, resamples: one.resamples },
      })),
      rowName: ({ variant, baseline: run }) => `${labelIn(run, variant)}, ${run}`,
      rightOfLine: `Right of the line, the run is better than ${first?.run ?? ""}.`,
    },
  );
}

function costTable({ runs }: RunComparison): Html {
  const rows = runs.flatMap(({ run, costs }) => {
    const own = costs.map((cost) => ({ ...cost, run, who: `${cost.role} ${cost.model}` }));
    return own.length < 2 ? own : [...own, { ...costTotal(costs), run, who: "total", role: "" }];
  });
  if (rows.length === 0) {
    return html`<p>No run asked a language model or a remote encoder.</p>`;
  }
  return dataTable(
    rows,
    [
      { head: "Run", cell: ({ run }) => run },
      { head: "Asked", cell: ({ who }) => who },
      { head: "Requests", isNumber: true, cell: ({ requests }) => formatCount(requests) },
      {
        head: "Prompt tokens",
        isNumber: true,
        cell: ({ promptTokens }) => tokenText(promptTokens),
      },
      {
        head: "Completion tokens",
        isNumber: true,
        cell: ({ role, completionTokens }) =>
          role === "encoder" ? null : tokenText(completionTokens),
      },
      { head: "USD", isNumber: true, cell: (cost) => dollarText(cost) },
    ],
    "Requests to language models and remote encoders, at the prices of the time of payment",
    { isFirst: (row) => rows.find(({ run }) => run === row.run) === row },
  );
}

function timeTable({ runs }: RunComparison): Html {
  const total: StageTimes = {
    stage: "total",
    times: runs.map((run) => formatSeconds(taskSeconds(run))),
  };
  return dataTable(
    [...stageTimes(runs), total],
    [
      { head: "Stage", cell: ({ stage }) => stage },
      ...runs.map(({ run }, place) => ({
        head: run,
        isNumber: true,
        cell: ({ times }: StageTimes) => times[place] ?? "",
      })),
    ],
    "Wall time of the tasks, summed: tasks that ran at the same time count in full",
  );
}
