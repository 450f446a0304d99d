import { formatCount, formatDay, formatShare } from "../../page/format-number.ts";
import { html, type Html } from "../../page/html.ts";
import { factList, section } from "../../page/page-parts.ts";
import { ratingFigure } from "../../page/rating-figure.ts";
import { classFigure } from "./class-figure.ts";
import type { ProfileData, ProfileRow } from "./profile-data.ts";

/** Counts, and how interactions are distributed over users and items. */
export async function countsSection(data: ProfileData): Promise<Html> {
  const [counts] = data.dataset ?? [];
  return section("counts", "Counts", [
    html`<div class="pair">
      ${counts === undefined ? null : countsList(counts)} ${await ratingsFigure(data)}
    </div>`,
    html`<div class="figures">
      ${await classFigure({
        title: "Users by activity",
        subjects: "Users",
        classes: (data.user_activity ?? []).map((row) => ({
          ...classOf(row),
          subjectShare: row.user_share,
        })),
      })}
      ${await classFigure({
        title: "Items by popularity",
        subjects: "Items",
        classes: (data.item_popularity ?? []).map((row) => ({
          ...classOf(row),
          subjectShare: row.item_share,
        })),
        note: concentrationNote(data.popularity_concentration ?? []),
      })}
    </div>`,
  ]);
}

/** Null when there are no ratings. */
async function ratingsFigure({ ratings }: ProfileData): Promise<Html | null> {
  if (ratings === null || ratings.length === 0) return null;
  return ratingFigure(
    ratings.map(({ rating, label, interactions }) => ({
      ...{ rating, interactions },
      isLike: label === 1,
    })),
  );
}

function countsList(counts: ProfileRow<"dataset">): Html {
  const { first_ts: first, last_ts: last } = counts;
  const mean = (value: number | null): string | null =>
    value === null ? null : `${value.toFixed(1)} interactions on average`;
  return factList([
    ["Interactions", formatCount(counts.interactions)],
    ["Users", withNote(formatCount(counts.users), mean(counts.interactions_a_user))],
    [
      "Items",
      withNote(
        `${formatCount(counts.items_met)} of ${formatCount(counts.items_listed)} in the catalogue`,
        mean(counts.interactions_an_item),
      ),
    ],
    ["Label 1", counts.label_rate === null ? null : formatShare(counts.label_rate)],
    [
      "Density",
      counts.density === null
        ? null
        : `${(counts.density * 100).toPrecision(3)} % of all user-item pairs`,
    ],
    [
      "Period",
      first === null || last === null
        ? null
        : `${formatDay(first.toISOString())} to ${formatDay(last.toISOString())}`,
    ],
  ]);
}

function withNote(text: string, note: string | null): string {
  return note === null ? text : `${text}; ${note}`;
}

function classOf(row: { readonly from_events: number; readonly interaction_share: number }) {
  return {
    fromEvents: row.from_events,
    interactionShare: row.interaction_share,
  };
}

function concentrationNote(rows: readonly ProfileRow<"popularity_concentration">[]): string | null {
  const parts = rows
    .filter(({ top_share: top }) => [0.01, 0.1, 0.5].includes(top))
    .map(
      ({ top_share: top, interaction_share: share }) =>
        `the top ${top * 100}\u00a0% have ${formatShare(share)}`,
    );
  return parts.length === 0
    ? null
    : `Of the items with interactions, ${parts.join(", ")} of the interactions.`;
}
