import { html, type Html } from "../../page/html.ts";
import { section } from "../../page/page-parts.ts";
import type { ProfileData, ProfileRow } from "./profile-data.ts";
import { valuesFigure } from "./values-figure.ts";

/** The attributes of items and users with their most frequent values; null when there are none. */
export async function attributesSection({
  attribute_values: rows,
}: ProfileData): Promise<Html | null> {
  const figures: Html[] = [];
  for (const values of byAttribute(rows ?? [])) figures.push(await valuesFigure(values));
  if (figures.length === 0) return null;
  return section("attributes", "Attributes", html`<div class="figures">${figures}</div>`);
}

function byAttribute(
  rows: readonly ProfileRow<"attribute_values">[],
): Iterable<readonly ProfileRow<"attribute_values">[]> {
  const groups = new Map<string, ProfileRow<"attribute_values">[]>();
  for (const row of rows) {
    const name = JSON.stringify([row.subject, row.attribute]);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [row]);
    else group.push(row);
  }
  return groups.values();
}
