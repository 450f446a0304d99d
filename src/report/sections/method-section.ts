import { formatCount, formatSeconds } from "../../page/format-number.ts";
import { html, type Html } from "../../page/html.ts";
import { dataTable, factList, section } from "../../page/page-parts.ts";
import type { RunResults, VectorCounts } from "../run-results.ts";
import {
  protocolSentence,
  selectionSentence,
  weightSentence,
  writersSentence,
} from "../wording/sentences.ts";

/** How the scores were obtained: protocol, seeds, versions, settings, and time per stage. */
export function methodSection(results: RunResults): Html {
  const { versions, machine, knowledge } = results;
  return section("method", "Method", [
    factList([
      ["Protocol", protocolSentence(results)],
      ["Epoch", results.models.length === 0 ? null : selectionSentence(results)],
      ["Weights", weightSentence(results)],
      ["Seeds", results.seeds.length === 0 ? null : results.seeds.join(", ")],
      ["Knowledge", writersSentence(knowledge.writers)],
      ["Vectors", knowledge.vectors.length === 0 ? null : vectorLines(knowledge.vectors)],
      ["Versions", `r4ec ${versions.r4ec}, Node ${versions.node}`],
      ["Machine", machine.cpu],
    ]),
    stageTable(results),
    html`<details>
      <summary>Settings</summary>
      <pre>${JSON.stringify(results.settings, null, 2)}</pre>
    </details>`,
  ]);
}

function vectorLines(vectors: readonly VectorCounts[]): readonly Html[] {
  const isOne = new Set(vectors.map(({ variant }) => variant)).size === 1;
  return vectors.map((counts) => vectorLine(counts, isOne ? "" : `${counts.variant}: `));
}

function vectorLine(counts: VectorCounts, whose: string): Html {
  const { meanTokens, maxTokens } = counts;
  const what = {
    text: `${counts.subject} texts`,
    "liked items": `less active ${counts.subject}s (mean of the items they liked)`,
    file: `${counts.subject}s from files`,
  }[counts.origin];
  return html`<span class="line"
    >${whose}${formatCount(counts.vectors)} ${what}, ${counts.dimensions} dimensions, encoder
    ${counts.encoder}${
      meanTokens === null || maxTokens === null
        ? ""
        : `; ${meanTokens.toFixed(0)} tokens on average, at most ${formatCount(maxTokens)}`
    }</span
  > `;
}

function stageTable({ times }: RunResults): Html {
  return dataTable(
    times.stages,
    [
      { head: "Stage", cell: (stage) => stage.name },
      { head: "Time", isNumber: true, cell: (stage) => formatSeconds(stage.seconds) },
      { head: "Tasks", isNumber: true, cell: (stage) => formatCount(stage.tasks) },
    ],
    "Time per stage: wall time summed over its tasks, whenever they ran",
  );
}
