import type { ModelSummary } from "../run-results.ts";
import { strategyOf, type Maker } from "./makers.ts";
import type { PaperRow } from "./paper-comparison.ts";
import type { PaperTable, PaperTableRow } from "./paper-results.ts";

const methods: Readonly<Record<string, string>> = { kar: "kar", r2ec: "reason", r4ec: "iterate" };

interface Run {
  readonly summaries: readonly ModelSummary[];
  readonly makers: readonly Maker[];
  /** Whether the data are those of the table: only then are there differences. */
  readonly isSameData: boolean;
}

/** The paper's rows of the backbones that the run trained, ours beside them; then ours that the paper does not have. */
export function compareTable({ by, rows }: PaperTable, run: Run): readonly PaperRow[] {
  const trained = [...new Set(run.summaries.map(({ backbone }) => backbone))];
  const inPaper = [...new Set(rows.map(({ backbone }) => backbone))];
  const backbones = inPaper.filter((backbone) => trained.includes(backbone));
  return backbones.flatMap((backbone) => {
    const summaries = run.summaries.filter((summary) => summary.backbone === backbone);
    const taken = new Set<string>();
    const beside = rows
      .filter((row) => row.backbone === backbone)
      .map((row): PaperRow => {
        const found = counterpart(row, by, summaries, run.makers);
        if (found !== undefined) taken.add(found.variant);
        return rowOf(row, by, found, run);
      });
    const others = summaries
      .filter(({ variant, role }) => role === "knowledge" && !taken.has(variant))
      .map((summary): PaperRow => ({
        ...{ backbone, label: otherLabel(summary.variant, run.makers), paper: null },
        ...{ ours: scoresOf(summary), by: summary.variant, difference: null },
      }));
    return [...beside, ...others];
  });
}

/** The variant of the run that is what the paper's row is: by a language model, for users and items, by that method or encoder. */
function counterpart(
  { row }: PaperTableRow,
  by: PaperTable["by"],
  summaries: readonly ModelSummary[],
  makers: readonly Maker[],
): ModelSummary | undefined {
  if (row === "base") return summaries.find(({ role }) => role === "base");
  const fitting = summaries.filter(({ variant, role }) => {
    const maker = makers.find((one) => one.variant === variant);
    if (maker === undefined || role !== "knowledge") return false;
    if (maker.isProfiler || !maker.isWhole) return false;
    return by === "method"
      ? maker.strategy === methods[row]
      : maker.strategy === "iterate" && isEncoder(maker.encoder, row);
  });
  return fitting.find(({ variant }) => variant === row) ?? fitting[0];
}

/** Whether an encoder by any of its names (a preset, a folder, a server's model) is that of a row. */
function isEncoder(encoder: string | null, row: string): boolean {
  const name = (encoder ?? "").toLowerCase();
  const [first = ""] = ["longformer", "bge-m3", "bert-base"].filter((known) =>
    name.includes(known),
  );
  return first === row;
}

function rowOf(
  row: PaperTableRow,
  by: PaperTable["by"],
  found: ModelSummary | undefined,
  { makers, isSameData }: Run,
): PaperRow {
  const { backbone, llm, auc, logloss } = row;
  const maker = makers.find(({ variant }) => variant === found?.variant);
  const model = by === "method" ? maker?.actorModel : maker?.encoder;
  return {
    backbone,
    label: [rowName(row.row), ...(llm === undefined ? [] : [llm])].join(", "),
    paper: { auc, logloss },
    ours: found === undefined ? null : scoresOf(found),
    by: found === undefined ? null : [found.variant, ...(model == null ? [] : [model])].join(", "),
    difference:
      found === undefined || !isSameData
        ? null
        : { auc: found.auc.mean - auc, logloss: found.logloss.mean - logloss },
  };
}

/** The paper's rows keep their names, whatever a run calls its variants. */
function rowName(row: string): string {
  return rowNames[row] ?? row;
}

const rowNames: Readonly<Record<string, string>> = {
  ...{ base: "Base", kar: "KAR", r2ec: "R2ec", r4ec: "R4ec" },
  ...{ "bert-base": "BERT", longformer: "Longformer", "bge-m3": "BGE-M3" },
};

function otherLabel(variant: string, makers: readonly Maker[]): string {
  const maker = makers.find((one) => one.variant === variant);
  if (maker === undefined) return `${variant}, origin unknown`;
  const who = maker.isProfiler ? "profiler" : variant;
  const side = maker.isWhole || maker.strategy === null ? "" : ", not the same for users and items";
  return `${who}, ${strategyOf(maker)}${side}`;
}

function scoresOf({ auc, logloss }: ModelSummary): Pick<ModelSummary, "auc" | "logloss"> {
  return { auc, logloss };
}
