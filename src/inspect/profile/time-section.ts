import { activityFigure, type Activity } from "../../page/activity-figure.ts";
import { cutOffs } from "../../page/cut-offs.ts";
import { html, type Html } from "../../page/html.ts";
import { section } from "../../page/page-parts.ts";
import { labelRateFigure } from "./label-rate-figure.ts";
import type { ProfileData, ProfileRow } from "./profile-data.ts";

const msPerHour = 3_600_000;

/** Volume and label rate over time, by split once there are splits. */
export async function timeSection(data: ProfileData): Promise<Html> {
  const rates = data.label_rate_over_time ?? [];
  const volume = data.splits_over_time ?? rates.map((row) => ({ ...row, role: "interaction" }));
  const [counts] = data.dataset ?? [];
  return section(
    "time",
    "Over time",
    html`<div class="figures">
      ${await activityFigure(activityOf(volume), cutOffs(scoredSplits(data)))}
      ${await labelRateFigure(
        rates.map(({ from_ts: from, to_ts: to, label_rate: rate }) => ({ from, to, rate })),
        counts?.label_rate ?? 0,
      )}
    </div>`,
  );
}

function activityOf(rows: readonly ProfileRow<"splits_over_time">[]): Activity {
  const [first] = rows;
  return {
    binHours:
      first === undefined ? 1 : (first.to_ts.getTime() - first.from_ts.getTime()) / msPerHour,
    bins: rows.map(({ from_ts, role, interactions }) => ({
      ...{ start: from_ts, role, rows: interactions },
    })),
  };
}

function scoredSplits({ splits }: ProfileData) {
  return (splits ?? [])
    .filter(({ role }) => ["train", "valid", "test"].includes(role))
    .map(({ role, first_ts, last_ts }) => ({
      ...{ split: role, firstAt: first_ts.toISOString(), lastAt: last_ts.toISOString() },
    }));
}
