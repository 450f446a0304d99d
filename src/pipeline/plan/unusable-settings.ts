/** @file Settings of later stages that cannot work on the data: told before a language model is asked. */
import { FlowError } from "../../base/errors.ts";
import { sourceOf } from "../../dataset/sources/registry.ts";
import type { FileCheck } from "../../flow/file-check.ts";
import type { Catalog } from "../../flow/stage.ts";
import type { Database } from "../../tables/database.ts";
import { attributeFaults, attributeNames } from "../../train/data/attribute-faults.ts";
import { triedValues } from "../../train/trials.ts";
import type { PipelineSettings } from "../settings.ts";
import { samplesOptions } from "../stages.ts";
import { withTemporaryDatabase } from "../temporary-database.ts";

/** What cannot work whatever the data hold: attributes that the source does not give. Empty if all may work. */
export function faultsOfSettings({ dataset, train }: PipelineSettings): readonly string[] {
  return attributeFaults(train, sourceOf(dataset).attributes(dataset));
}

/** What cannot work on the users and items that the views `users` and `items` of `db` show. */
export async function faultsOfData(
  db: Database,
  { train }: Pick<PipelineSettings, "train">,
): Promise<readonly string[]> {
  return attributeFaults(train, await attributeNames(db));
}

/**
 * {@link faultsOfData} for the tables of a run.
 *
 * @param check - What is known of the run's files already. Default: nothing
 */
export async function faultsOfTables(
  settings: PipelineSettings,
  runDir: string,
  { users = [], items = [] }: Catalog,
  check?: FileCheck,
): Promise<readonly string[]> {
  const { train } = settings;
  const tried = [...triedValues(train, "attributes"), ...triedValues(train, "userFeatures")];
  const named = [train.attributes, train.userFeatures, tried].flat(2);
  if (named.length === 0) return [];
  const { mountChecked } = await import("../../tables/mount-checked.ts");
  return withTemporaryDatabase("check", settings, async (db) =>
    faultsOfData(await mountChecked(db, { users, items }, runDir, check), settings),
  );
}

/** What cannot work on the splits of the view `interactions` of `db`, which are not made for it. */
export async function faultsOfSplits(
  db: Database,
  settings: PipelineSettings,
  nameOf: (user: number) => Promise<string>,
): Promise<readonly string[]> {
  const { splitFaults } = await import("../../dataset/split/split-faults.ts");
  return splitFaults(db, samplesOptions(settings), nameOf);
}

/** @throws `CONFIG_INVALID`, or the given code, if there are any faults */
export function refuseFaults(
  faults: readonly string[],
  code: FlowError["code"] = "CONFIG_INVALID",
): void {
  if (faults.length > 0) throw new FlowError(code, faults.join("\n"));
}
