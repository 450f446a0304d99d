import { formatCount } from "../../page/format-number.ts";
import { differingSettings } from "./differing-settings.ts";
import { settingText } from "./setting-text.ts";
import type { Json } from "../../base/json.ts";
import type { ComparedRun } from "./run-comparison.ts";

/** A run with its settings, secrets masked. */
export interface RunWithSettings {
  readonly run: ComparedRun;
  readonly settings: Json;
}

/** Settings that decide which rows are test rows, and what their labels are. */
const ofTestRows = /^(protocol$|dataset\.|samples\.|contexts\.history$)/;
/** Of these: they change what a row holds besides. */
const besides = /^(samples\.history|dataset\.(path|interactions|reviews|metadata))$/;

/**
 * Why two runs have no intervals between them, naming both sides: what is missing, or how protocol, data or split differ.
 *
 * @param first - The run that the other is compared with
 */
export function whyNotPaired(first: RunWithSettings, other: RunWithSettings): readonly string[] {
  const a = first.run;
  const b = other.run;
  const unfinished = [a, b].filter(
    ({ seeds, testRows }) => seeds.length === 0 || testRows === null,
  );
  if (unfinished.length > 0) {
    return unfinished.map(
      ({ run, folder }) =>
        `${run} has no trained models yet: run its pipeline to the end with --out ${folder}`,
    );
  }
  const both = (what: string, ofA: string, ofB: string): string =>
    `${what}: ${ofA} in ${a.run}, ${ofB} in ${b.run}`;
  const causes = differingSettings([first.settings, other.settings]).filter(
    ({ setting }) => ofTestRows.test(setting) && !besides.test(setting),
  );
  const data =
    a.dataset === b.dataset && a.interactions === b.interactions
      ? []
      : [both("data", dataText(a), dataText(b))];
  const named = causes.map(({ setting, values: [ofA = null, ofB = null] }) =>
    both(setting, settingText(ofA), settingText(ofB)),
  );
  const rows = both("test rows", rowsText(a), rowsText(b));
  const [protocol, rest] = [
    named.filter((text) => text.startsWith("protocol:")),
    named.filter((text) => !text.startsWith("protocol:")),
  ];
  return named.length + data.length === 0
    ? [
        rows,
        "the settings of protocol, split and data are the same: the files of the source changed between the runs",
      ]
    : [...protocol, ...data, ...rest, rows];
}

/** Why two runs with the same test rows have no difference. */
export function nothingInCommon(first: ComparedRun, other: ComparedRun): string {
  return (
    `${first.run} and ${other.run} have the same test rows, and no backbone, variant and seed in common; ` +
    "train the same variant in both, or compare within one run"
  );
}

function dataText({ dataset, interactions }: ComparedRun): string {
  return `${dataset} (${formatCount(interactions)} interactions)`;
}

function rowsText({ testRows }: ComparedRun): string {
  if (testRows === null) return "none";
  return `${formatCount(testRows.rows)} of ${formatCount(testRows.users)} users`;
}
