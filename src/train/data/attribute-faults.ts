import { subjects, type Subject } from "../../base/terms.ts";
import type { Database } from "../../tables/database.ts";
import { sqlFile } from "../../tables/sql-file.ts";
import { USER_ID, type TrainSettings } from "../settings.ts";
import { triedValues } from "../trials.ts";

/** Names of the attributes that users and items have. */
export type AttributeNames = Readonly<Record<Subject, readonly string[]>>;

/** Reads the names from the views `users` and `items`. */
export async function attributeNames(db: Database): Promise<AttributeNames> {
  const namesOf = async (subject: Subject): Promise<readonly string[]> => {
    const rows = await db.rows(sqlFile(`train/${subject}_attribute_names`));
    return rows.map((row) => String(row["name"]));
  };
  return { user: await namesOf("user"), item: await namesOf("item") };
}

/** What is wrong with the attributes that the settings of training name, also in the grid or search: one text for each that nobody has. */
export function attributeFaults(
  train: Pick<TrainSettings, "attributes" | "userFeatures" | "grid" | "search">,
  known: AttributeNames,
): readonly string[] {
  const block = train.search === undefined ? "grid" : "search";
  const named = {
    item: {
      "train.attributes": train.attributes,
      [`train.${block}.attributes`]: triedValues(train, "attributes").flat(),
    },
    user: {
      "train.userFeatures": train.userFeatures,
      [`train.${block}.userFeatures`]: triedValues(train, "userFeatures").flat(),
    },
  };
  return subjects.flatMap((subject) =>
    Object.entries(named[subject]).flatMap(([setting, names]) =>
      [...new Set(names)]
        .filter((name) => !(subject === "user" && name === USER_ID))
        .filter((name) => !known[subject].includes(name))
        .map((name) => unknownAttribute(subject, name, setting, known[subject])),
    ),
  );
}

/** What to say of an attribute that no user or item has. */
export function unknownAttribute(
  subject: Subject,
  name: string,
  setting: string,
  known: readonly string[],
): string {
  const cure =
    known.length === 0
      ? `the ${subject}s have no attributes at all; set it to []`
      : `the ${subject}s have ${known.join(", ")}`;
  return `${setting}: no ${subject} has an attribute "${name}"; ${cure}`;
}
