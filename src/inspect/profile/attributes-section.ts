import { groupBy } from "../../base/group-by.ts";
import { html, type Html } from "../../page/html.ts";
import { section } from "../../page/page-parts.ts";
import type { ProfileData } from "./profile-data.ts";
import { valuesFigure } from "./values-figure.ts";

/** The most frequent values of each attribute of items and users; null without attributes. */
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
