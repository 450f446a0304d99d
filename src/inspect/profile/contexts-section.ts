import type { Subject } from "../../base/terms.ts";
import { html, type Html } from "../../page/html.ts";
import { pendingNote, section } from "../../page/page-parts.ts";
import type { ProfileData, ProfileRow } from "./profile-data.ts";
import { shareFigure } from "./share-figure.ts";

const userParts = { history: "var(--r4ec)", none: "var(--dropped)" };
const itemParts = {
  "liker and disliker": "var(--r4ec)",
  "liker only": "var(--context)",
  "disliker only": "var(--other)",
  none: "var(--dropped)",
};

/** Which users and items have a context to write knowledge from. */
export async function contextsSection({ context_coverage: rows }: ProfileData): Promise<Html> {
  if (rows === null) {
    return section(
      "contexts",
      "Contexts",
      pendingNote("contexts", "The contexts that knowledge is written from"),
    );
  }
  return section(
    "contexts",
    "Contexts",
    html`<div class="figures">
      ${await coverageFigure("user", rows, userParts)}
      ${await coverageFigure("item", rows, itemParts)}
    </div>`,
  );
}

function coverageFigure(
  subject: Subject,
  rows: readonly ProfileRow<"context_coverage">[],
  parts: Readonly<Record<string, string>>,
): Promise<Html> {
  const own = rows.filter((row) => row.subject === subject);
  return shareFigure({
    title: subject === "user" ? "Users by context" : "Items by context",
    parts,
    shares: [
      ...own.map(({ context, subject_share }) => ({
        ...{ bar: `${subject}s`, part: context, share: subject_share },
      })),
      ...own.map(({ context, test_share }) => ({
        ...{ bar: "test rows", part: context, share: test_share ?? 0 },
      })),
    ],
    note:
      subject === "user"
        ? "History: the user’s first events, which are never scored."
        : "Liker and disliker: a user who liked the item in training and one who disliked it, each with their earlier history.",
  });
}
