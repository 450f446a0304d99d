import { exampleCard } from "./example-card.ts";
import { formatCount } from "../../page/format-number.ts";
import { html, type Html } from "../../page/html.ts";
import { dataTable, pendingNote, section } from "../../page/page-parts.ts";
import { roundFigures } from "../figures/round-figures.ts";
import type { KnowledgeExample, ReportDetails } from "../report-details.ts";
import type { KnowledgeRound, RunResults } from "../run-results.ts";
import type { Subject } from "../../base/terms.ts";
import { missingAnswersSentence } from "../wording/missing-answers.ts";
import { strategySentences } from "../wording/variant-sentences.ts";
import { writersSentence } from "../wording/sentences.ts";

/** Texts about users and items: counts per round, and examples. */
export async function knowledgeSection(results: RunResults, details: ReportDetails): Promise<Html> {
  const { rounds, writers } = results.knowledge;
  if (rounds.length === 0) {
    return section("knowledge", "Knowledge", [
      results.pendingStages.includes("knowledge")
        ? pendingNote("knowledge", "The texts about users and items")
        : html`<p>No variant of this run reads knowledge, so none was written.</p>`,
      missingNote(results),
    ]);
  }
  return section("knowledge", "Knowledge", [
    html`<p>Texts ${writersSentence(writers)}. ${strategySentences(results).join(" ")}</p>`,
    missingNote(results),
    roundTable(results),
    await convergence(results),
    callTable(results),
    examplesOf("user", "Examples: users", details),
    examplesOf("item", "Examples: items", details),
  ]);
}

function missingNote({ knowledge }: RunResults): Html | null {
  const sentence = missingAnswersSentence(knowledge.errors);
  if (sentence === null) return null;
  return html`<p class="warning">${sentence}</p>`;
}

function roundTable({ knowledge }: RunResults): Html {
  return dataTable(
    knowledge.rounds,
    [
      ...variantColumn(knowledge.rounds),
      { head: "About", cell: (row) => `${row.subject}s` },
      {
        head: "Round",
        cell: (row) => (row.round === 0 ? "0, first texts" : `${row.round}, refined texts`),
      },
      { head: "Written", isNumber: true, cell: (row) => formatCount(row.texts) },
      { head: "Judged reasonable", isNumber: true, cell: (row) => formatCount(row.reasonable) },
      { head: "Judged unreasonable", isNumber: true, cell: (row) => formatCount(row.unreasonable) },
      {
        head: "Reasonable so far",
        isNumber: true,
        cell: (row) =>
          row.reasonableShare === null
            ? "not judged"
            : `${(100 * row.reasonableShare).toFixed(1)} %`,
      },
      { head: "Kept and encoded", isNumber: true, cell: (row) => formatCount(row.finalTexts) },
      { head: "Out of rounds", isNumber: true, cell: (row) => formatCount(row.exhausted) },
      { head: "Unreadable", isNumber: true, cell: (row) => formatCount(row.unreadable) },
      { head: "Errors", isNumber: true, cell: (row) => formatCount(row.errors) },
    ],
    "Knowledge by round",
  );
}

/** How texts change from round to round; null with one round. */
async function convergence({ knowledge }: RunResults): Promise<Html | null> {
  const figures = await roundFigures(knowledge.rounds);
  if (figures.length === 0) return null;
  return html`<p class="note">
      At the end of a round stands the last text of each subject. Texts of the last round are judged
      only with knowledge.judgeLast.
    </p>
    <div class="figures">${figures}</div>`;
}

/** Names the variant, if there are several. */
function variantColumn(
  rounds: readonly KnowledgeRound[],
): readonly { readonly head: string; readonly cell: (row: KnowledgeRound) => string }[] {
  const isOne = new Set(rounds.map(({ variant }) => variant)).size === 1;
  return isOne ? [] : [{ head: "Variant", cell: ({ variant }) => variant }];
}

/** Model calls, tokens and cost per round. Null for the profiler, which calls no model. */
function callTable({ knowledge }: RunResults): Html | null {
  const rounds = knowledge.rounds.filter(({ calls }) => calls > 0);
  if (rounds.length === 0) return null;
  const tokens = (count: number | null): string =>
    count === null ? "unknown" : formatCount(count);
  return dataTable(
    rounds,
    [
      ...variantColumn(knowledge.rounds),
      { head: "About", cell: (row) => `${row.subject}s` },
      { head: "Round", isNumber: true, cell: (row) => String(row.round) },
      { head: "Calls", isNumber: true, cell: (row) => formatCount(row.calls) },
      { head: "Prompt tokens", isNumber: true, cell: (row) => tokens(row.promptTokens) },
      { head: "Of which cached", isNumber: true, cell: (row) => tokens(row.cachedTokens) },
      { head: "Answer tokens", isNumber: true, cell: (row) => tokens(row.completionTokens) },
      {
        head: "Cost",
        isNumber: true,
        cell: (row) => (row.costUsd === null ? "no price" : `$${row.costUsd.toFixed(2)}`),
      },
    ],
    "Model calls by round",
  );
}

function examplesOf(subject: Subject, title: string, details: ReportDetails): Html | null {
  const examples: readonly KnowledgeExample[] = details.examples.filter(
    (example) => example.subject === subject,
  );
  if (examples.length === 0) return null;
  return html`<h3>${title}</h3>
    <p class="note">
      The same tables always show the same ${examples.length}, refined ones first. Struck out:
      sentences that refinement removed. Underlined: sentences that it added.
    </p>
    <div class="examples">
      ${examples.map((example, index) => exampleCard(example, index < 2))}
    </div>`;
}
