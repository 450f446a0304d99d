import { messagesRow, type ExportFormat, type ExportPlan } from "./export-format.ts";
import { openaiStart } from "./openai-start.ts";
import { paperSettings } from "./paper-settings.ts";

const serving = "The service names the trained model (`ft:...`).";

/** The fine-tuning of OpenAI, and of services with its interface. */
export const openai: ExportFormat = {
  title: "OpenAI",
  defaultModel: "gpt-4o-mini-2024-07-18",
  install: "export OPENAI_API_KEY=...",
  command: "node start.mjs",
  row: messagesRow,
  files: (plan) => [
    { path: "job.json", text: `${JSON.stringify(job(plan), null, 2)}\n` },
    { path: "start.mjs", text: openaiStart },
  ],
  settings: () =>
    `${String(paperSettings.epochs)} epochs and batches of ${String(paperSettings.batchSize)} rows; the rest is the service's`,
  serving: () => serving,
  servedAs: () => "ft:...",
  use: ({ student: { subject, role } }) => `${serving} Name it in the pipeline file:

\`\`\`yaml
knowledge:
  ${subject}s:
    ${role}: { provider: openai, model: "ft:..." }
\`\`\``,
  caveats:
    "`start.mjs` uploads the rows to the service: they hold histories of your log and entries of the catalogue. `OPENAI_BASE_URL` names " +
    "another service with this interface. The service wants at least 10 rows to train on.",
};

function job({ student, model }: ExportPlan): object {
  const { epochs, batchSize, seed } = paperSettings;
  return {
    model,
    suffix: `r4ec-${student.name}`,
    seed,
    method: {
      type: "supervised",
      supervised: { hyperparameters: { n_epochs: epochs, batch_size: batchSize } },
    },
  };
}
