import { dataFiles, type ExportFormat, type ExportPlan } from "./export-format.ts";

/** The file's name. */
export const readmeName = "README.md";

/** What the folder's reader has to know besides the plan. */
export interface ReadmeFacts {
  /** Of the run that the rows are from. */
  readonly run: string;
  readonly longRows: number;
  /** Whether tokens are estimated. */
  readonly isEstimated: boolean;
  /** How the trained model is used, as lines of Markdown. */
  readonly use: ExportFormat["use"];
}

/** The README of one model's folder: what is in it, and the command that starts the training. */
export function readmeText(format: ExportFormat, plan: ExportPlan, facts: ReadmeFacts): string {
  const { student, model, trainRows, validRows, maxTokens } = plan;
  const learns = { actor: "writes texts", reflector: "judges texts" }[student.role];
  const counted = facts.isEstimated ? ", estimated as one per four characters" : "";
  const rows = (count: number): string =>
    `${count.toLocaleString("en")} row${count === 1 ? "" : "s"}`;
  const files = [
    `- \`${dataFiles.train}\`: ${rows(trainRows)}`,
    validRows === 0
      ? "- no validation file: no row is for validation"
      : `- \`${dataFiles.valid}\`: ${rows(validRows)}, about other ${student.subject}s`,
    ...(facts.longRows === 0
      ? []
      : [
          `- \`${dataFiles.long}\`: ${rows(facts.longRows)} of more than ${maxTokens.toLocaleString("en")} tokens${counted}, in neither of these: ` +
            "a trainer would cut off the answer",
        ]),
  ];
  return `# ${student.name}: ${format.title}

The ${student.role} ${learns} about ${student.subject}s. It learns from ${student.tables.join(" and ")} of the run \`${facts.run}\`.
Every row has one turn of the model, the answer.

${files.join("\n")}

## Start the training

\`\`\`sh
${format.install}
${format.command}
\`\`\`

It starts from ${model}, with the settings of the paper: ${format.settings(plan)}.
${format.caveats === "" ? "" : `\n${format.caveats}\n`}
## Use it

${facts.use(plan)}
`;
}
