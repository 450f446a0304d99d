import { html, type Html } from "../../page/html.ts";
import type { Comparison } from "../run-results.ts";
import { formatLiftAndInterval, formatP } from "../wording/format-score.ts";
import { verdictOf } from "../wording/sentences.ts";

/** What a difference in AUC is marked by: of a comparison on all test rows, or on a part of them. */
export type MarkedDifference = Pick<Comparison, "aucLiftInterval" | "aucP" | "aucPHolm"> & {
  readonly aucLift: number;
};

/** A difference, shaded where it stands after the correction; its interval and p-values show when it is pointed at. */
export function differenceMark(difference: MarkedDifference, text: string): Html {
  const { aucLift, aucLiftInterval, aucP, aucPHolm } = difference;
  const details = [
    formatLiftAndInterval(aucLift, aucLiftInterval),
    ...(aucP === null ? [] : [`p alone ${formatP(aucP)}, by Holm ${formatP(aucPHolm)}`]),
  ];
  return html`<span class="difference ${verdictOf(difference)}" title="${details.join("; ")}"
    >${text}</span
  >`;
}
