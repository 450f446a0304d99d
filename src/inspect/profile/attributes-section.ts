import { groupBy } from "../../base/group-by.ts";
import { html, type Html } from "../../page/html.ts";
import { section } from "../../page/page-parts.ts";
import type { ProfileData } from "./profile-data.ts";
import { valuesFigure } from "./values-figure.ts";

/** The attributes of items and users with their most frequent values; null when there are none. */
export async function attributesSection({
  attribute_values: rows,
}: ProfileData): Promise<Html | null> {
  const figures: Html[] = [];
  for (const values of groupBy(rows ?? [], ({ subject, attribute }) => [subject, attribute])) {
    figures.push(await valuesFigure(values));
  }
  if (figures.length === 0) return null;
  return section("attributes", "Attributes", html`<div class="figures">${figures}</div>`);
}
