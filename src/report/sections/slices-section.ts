import { bucketName, backboneName } from "../wording/display-names.ts";
import { formatCount, formatShare } from "../../page/format-number.ts";
import { formatLiftAndInterval, formatScore } from "../wording/format-score.ts";
import { html, type Html } from "../../page/html.ts";
import { differenceMark } from "./difference-mark.ts";
import { dataTable, section } from "../../page/page-parts.ts";
import type { RunResults, SliceResult } from "../run-results.ts";
import { sliceFigure } from "../figures/slice-figure.ts";
import { intervalSentence, selectionMark } from "../wording/sentences.ts";

/** Where the lift over Base comes from: rare or common items, new or busy users. Null if no bucket has a lift. */
export async function slicesSection(results: RunResults): Promise<Html | null> {
  const shown = results.slices.filter(
    ({ role, aucLift }) => role === "knowledge" && aucLift !== null,
  );
  if (shown.length === 0) return null;
  const backbones = [...new Set(shown.map(({ backbone }) => backbone))];
  const hasIntervals = shown.some(({ aucLiftInterval }) => aucLiftInterval !== null);
  const mark = selectionMark(results);
  return section("slices", "Where the lift comes from", [
    html`<p>
      Test rows by how many training rows their item and their user have. AUC is computed within
      each bucket. Items: cold items have no training rows, tail items are the rarest ones that
      together hold at most a fifth of them, head items are the rest. Users: new users have no
      training rows, the others are divided into thirds by how many they have: quiet, moderate and
      busy. ${mark === null ? null : html`<span class="tag">${mark}</span>`}
    </p>`,
    html`<div class="figures">
      ${await Promise.all(
        backbones.map((backbone) =>
          sliceFigure(
            results,
            backbone,
            shown.filter((one) => one.backbone === backbone),
            hasIntervals ? intervalSentence(results.comparisons) : null,
          ),
        ),
      )}
    </div>`,
    html`<details>
      <summary>As a table</summary>
      ${sliceTable(results.slices)}
    </details>`,
  ]);
}

function sliceTable(slices: readonly SliceResult[]): Html {
  const variants = [...new Set(slices.map(({ variant }) => variant))];
  const others = variants.filter((variant) => variant !== "Base");
  const firsts = slices.filter(
    (one, place) =>
      slices.findIndex(
        ({ backbone, slice, bucket }) =>
          backbone === one.backbone && slice === one.slice && bucket === one.bucket,
      ) === place,
  );
  const find = (row: SliceResult, variant: string): SliceResult | undefined =>
    slices.find(
      (one) =>
        one.variant === variant &&
        one.backbone === row.backbone &&
        one.slice === row.slice &&
        one.bucket === row.bucket,
    );
  const beginsBackbone = (row: SliceResult): boolean =>
    firsts.find(({ backbone }) => backbone === row.backbone) === row;
  return dataTable(
    firsts,
    [
      {
        head: "Backbone",
        cell: (row) => (beginsBackbone(row) ? backboneName(row.backbone) : null),
      },
      { head: "Bucket", cell: bucketName },
      { head: "Test rows", isNumber: true, cell: (row) => formatCount(row.rows) },
      { head: "Positive", isNumber: true, cell: (row) => formatShare(row.positives / row.rows) },
      {
        head: "AUC of Base",
        isNumber: true,
        cell: (row) => {
          const auc = find(row, "Base")?.auc ?? null;
          return auc === null ? "one class" : formatScore(auc);
        },
      },
      ...others.map((variant) => ({
        head: variant,
        isNumber: true,
        cell: (row: SliceResult) => {
          const own = find(row, variant);
          if (own === undefined || own.aucLift === null) return null;
          const text = formatLiftAndInterval(own.aucLift, own.aucLiftInterval);
          return differenceMark({ ...own, aucLift: own.aucLift }, text);
        },
      })),
    ],
    captionOf(slices),
    { isFirst: beginsBackbone, isDense: true },
  );
}

function captionOf(slices: readonly SliceResult[]): string {
  const what = "AUC of Base per bucket and each variant’s lift over it, means over seeds";
  const isCorrected = slices.some(({ aucPHolm }) => aucPHolm !== null);
  if (!isCorrected) return what;
  return (
    `${what}, with 95 % intervals. Shaded: higher or lower also after Holm’s correction for all pairs of variants and all ` +
    "buckets of items, or of users."
  );
}
