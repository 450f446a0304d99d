import { FlowError } from "../../../base/errors.ts";
import { subjects } from "../../../base/terms.ts";
import type { TaskContext } from "../../../flow/task.ts";
import type { Database } from "../../../tables/database.ts";
import { quote } from "../../../tables/quote.ts";
import { cutIds } from "../../../tables/source-ids/refuse-lost-ids.ts";
import { refuseBadRows } from "../../sources/files/bad-rows.ts";
import { refuseUnknownEvents } from "../../sources/files/checks/event-types.ts";
import { valueFault } from "../../sources/files/columns/rating-value.ts";
import { idColumnText, openRaw, refuseBooleans } from "../../sources/files/open-interactions.ts";
import { countsIn, type Tally } from "./tallies.ts";
import type { TaskSource } from "./with-source.ts";

/**
 * Refuses interactions for what all files together are: the checks of `openInteractions`, by the counts of groups of files. Reads the
 * files again only where these counts leave no doubt that something is wrong, to say what.
 *
 * @param db - With `rejects` of the interactions mounted
 * @throws `INPUT_INVALID`
 */
export async function refuseWhole(
  db: Database,
  { settings, files: { interactions: files } }: TaskSource,
  tallies: readonly (Tally & { readonly task: number })[],
  context: TaskContext,
): Promise<void> {
  const counts = countsIn(tallies);
  const rowsRead = counts.reduce((sum, { rows }) => sum + rows, 0);
  const openAll = () => openRaw(db, { files, settings, site: context });
  if (mayAllLackKeys(tallies)) await openAll();
  for (const side of subjects) {
    const cut = tallies.filter(({ fact }) => fact === `cut ${side} ids`);
    const [first] = cut;
    if (first === undefined) continue;
    const ids = cut.reduce((sum, { rows }) => sum + rows, 0);
    throw cutIds(idColumnText(side, settings, files), { ids, first: first.value });
  }
  const isValid = counts.some(({ reason, rows }) => reason === null && rows > 0);
  if (!isValid && counts.some(({ reason }) => reason === valueFault(settings.columns))) {
    await refuseBooleans(db, (await openAll()).roles, settings, files);
  }
  const { event, positiveEvents } = settings.columns;
  const found = new Set(tallies.flatMap(({ fact, value }) => (fact === "event type" ? value : [])));
  if (event !== undefined && positiveEvents.some((type) => !found.has(type))) {
    await openAll();
    await refuseUnknownEvents(db, settings, files);
  }
  if (rowsRead === 0) {
    throw new FlowError("INPUT_INVALID", `${files[0]?.path ?? ""} holds no interactions`);
  }
  const paths = `[${files.map(({ path }) => quote(path)).join(", ")}]`;
  await db.run(
    `create or replace view source_checked as select list_position(${paths}, file) - 1 as file_index, line, reason, content from rejects`,
  );
  await refuseBadRows(db, "source_checked", counts, { files }, settings);
}

/** Whether no group with rows has all keys. */
function mayAllLackKeys(tallies: readonly (Tally & { readonly task: number })[]): boolean {
  const lacking = new Set(
    tallies.flatMap(({ fact, task }) => (fact === "may lack keys" ? task : [])),
  );
  return lacking.size > 0 && tallies.every(({ task }) => lacking.has(task));
}
