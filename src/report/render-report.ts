import { renderPage } from "../page/page.ts";
import { auditSection } from "./sections/audit-section.ts";
import { controlsSection } from "./sections/controls-section.ts";
import { dataSection } from "./sections/data-section.ts";
import { finetuneSection } from "./sections/finetune-section.ts";
import { knowledgeSection } from "./sections/knowledge-section.ts";
import { lessonsSection } from "./sections/lessons-section.ts";
import { paperSection } from "./paper/paper-section.ts";
import { methodSection } from "./sections/method-section.ts";
import type { ReportDetails } from "./report-details.ts";
import { pairsSection } from "./sections/pairs-section.ts";
import { resultSection } from "./sections/result-section.ts";
import type { RunResults } from "./run-results.ts";
import { slicesSection } from "./sections/slices-section.ts";
import { trainingSection } from "./sections/training-section.ts";
import { labelledDetails, labelledResults } from "./wording/labelled-results.ts";
import { simulationSentence } from "./wording/sentences.ts";

/** The report as one HTML file. */
export async function renderReport(run: RunResults, found: ReportDetails): Promise<string> {
  const results = labelledResults(run);
  const details = labelledDetails(found, run);
  const paper = await paperSection(run);
  const controls = await controlsSection(results);
  const pairs = await pairsSection(results);
  const slices = await slicesSection(results);
  const lessons = lessonsSection(results);
  const finetune = await finetuneSection(results);
  return renderPage({
    kind: "r4ec report",
    title: results.name,
    subtitle: `${results.dataset.label} · protocol ${results.protocol}`,
    warning: simulationSentence(results),
    sections: [
      ["result", "Result"],
      ...(paper === null ? [] : [["paper", "The paper"] as const]),
      ...(controls === null ? [] : [["controls", "Controls"] as const]),
      ...(pairs === null ? [] : [["pairs", "Pairs"] as const]),
      ...(slices === null ? [] : [["slices", "Slices"] as const]),
      ["training", "Training"],
      ["knowledge", "Knowledge"],
      ...(lessons === null ? [] : [["lessons", "Fine-tuning data"] as const]),
      ...(finetune === null ? [] : [["finetune", "Fine-tuning"] as const]),
      ["data", "Data"],
      ["audits", "Leak audits"],
      ["method", "Method"],
    ],
    content: [
      await resultSection(results),
      paper,
      controls,
      pairs,
      slices,
      await trainingSection(results, details),
      await knowledgeSection(results, details),
      lessons,
      finetune,
      await dataSection(results, details),
      auditSection(results),
      methodSection(results),
    ],
  });
}
