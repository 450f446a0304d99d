import { basename } from "node:path";
import { formatCount } from "../../page/format-number.ts";
import { html, type Html } from "../../page/html.ts";
import { dataTable, section } from "../../page/page-parts.ts";
import { lossFigure } from "../figures/loss-figure.ts";
import type { AdapterResult, AnswerResult, ElsewhereResult } from "../finetune-results.ts";
import type { RunResults } from "../run-results.ts";

/** How well actor and reflector learned what the teacher wrote. Null without fine-tuning. */
export async function finetuneSection({
  finetune,
}: Pick<RunResults, "finetune">): Promise<Html | null> {
  if (finetune === undefined) return null;
  const { adapters, elsewhere } = finetune;
  const bases = [...new Set(adapters.map(({ base }) => basename(base)))];
  return section("finetune", "Fine-tuning", [
    adapters.length === 0
      ? null
      : html`<p>
          LoRA adapters of ${bases.join(", ")}, trained on the teacher's texts. Losses are means
          over the tokens of answers, in nats: that of the rows for validation is of texts the
          adapter has not seen.
        </p>`,
    adapters.flatMap((one) =>
      one.stopped === null
        ? []
        : html`<p class="warning">
            Training of the ${one.role} about ${one.subject}s ended early: ${one.stopped}.
          </p>`,
    ),
    adapters.length === 0 ? null : adapterTable(adapters),
    elsewhere.length === 0 ? null : elsewhereTable(elsewhere),
    finetune.answers.length === 0 ? null : answerTable(finetune.answers),
    await lossFigure(adapters),
    adapters.length === 0 ? null : epochTable(adapters),
  ]);
}

function adapterTable(adapters: readonly AdapterResult[]): Html {
  return dataTable(
    adapters,
    [
      { head: "Adapter", cell: nameOf },
      { head: "Rows", isNumber: true, cell: (one) => formatCount(one.trainRows) },
      { head: "For validation", isNumber: true, cell: (one) => formatCount(one.validRows) },
      { head: "Too long", isNumber: true, cell: (one) => formatCount(one.longRows) },
      { head: "Loss before", isNumber: true, cell: (one) => lossText(one.validLossBefore) },
      { head: "Loss after", isNumber: true, cell: (one) => lossText(one.validLossAfter) },
      { head: "Kept epoch", isNumber: true, cell: (one) => formatCount(one.bestEpoch) },
      { head: "Trained numbers", isNumber: true, cell: (one) => formatCount(one.parameters) },
      { head: "Tokens", isNumber: true, cell: (one) => formatCount(one.tokens) },
      { head: "Minutes", isNumber: true, cell: (one) => (one.seconds / 60).toFixed(1) },
    ],
    "Adapters and their loss on the rows for validation",
  );
}

function elsewhereTable(elsewhere: readonly ElsewhereResult[]): Html {
  return dataTable(
    elsewhere,
    [
      { head: "Adapter", cell: nameOf },
      { head: "Base model", cell: ({ base }) => base },
      { head: "Played as", cell: ({ path }) => path },
    ],
    "Models that were trained elsewhere; of their training nothing is known here",
  );
}

function epochTable(adapters: readonly AdapterResult[]): Html {
  const rows = adapters.flatMap((one) =>
    one.epochs.map((epoch) => ({
      ...epoch,
      name: nameOf(one),
      isKept: epoch.epoch === one.bestEpoch,
    })),
  );
  return dataTable(
    rows,
    [
      { head: "Adapter", cell: ({ name }) => name },
      {
        head: "Epoch",
        isNumber: true,
        cell: ({ epoch }) => (epoch === 0 ? "before" : String(epoch)),
      },
      { head: "Training loss", isNumber: true, cell: ({ trainLoss }) => lossText(trainLoss) },
      { head: "Validation loss", isNumber: true, cell: ({ validLoss }) => lossText(validLoss) },
      { head: "", cell: ({ isKept }) => (isKept ? "kept" : "") },
    ],
    "Losses by epoch",
    { isFirst: ({ epoch }) => epoch === 0, isDense: true },
  );
}

function answerTable(answers: readonly AnswerResult[]): Html {
  return dataTable(
    answers,
    [
      { head: "Adapter", cell: nameOf },
      { head: "Model", cell: ({ model }) => (model === "base" ? "before" : "after") },
      { head: "Answers", isNumber: true, cell: (row) => formatCount(row.answers) },
      { head: "Could be read", isNumber: true, cell: (row) => shareText(row.readable) },
      { head: "Right judgements", isNumber: true, cell: (row) => shareText(row.accuracy) },
      { head: "Precision", isNumber: true, cell: (row) => shareText(row.precision) },
      { head: "Recall", isNumber: true, cell: (row) => shareText(row.recall) },
      { head: "Mean words", isNumber: true, cell: (row) => row.meanWords?.toFixed(0) ?? "none" },
      { head: "Leaked titles", isNumber: true, cell: (row) => shareText(row.leaked) },
    ],
    'What fine-tuning changed, on rows for validation; precision and recall are those of "unreasonable" against the teacher',
    { isFirst: ({ model }) => model === "base" },
  );
}

function shareText(share: number | null): string {
  return share === null ? "none" : `${(100 * share).toFixed(1)} %`;
}

function nameOf({ subject, role }: Pick<AdapterResult, "subject" | "role">): string {
  return `${role} about ${subject}s`;
}

function lossText(nats: number | null): string {
  return nats === null ? "none" : nats.toFixed(3);
}
