import type { ExportFormat } from "../export/export-format.ts";

/** How a model that is trained for a role of a run is given back to it, as lines of Markdown. */
export function useInRun(
  format: ExportFormat,
  { isServed }: { readonly isServed: boolean },
): ExportFormat["use"] {
  return (plan) => {
    const { subject, role } = plan.student;
    const named = isServed ? format.servedAs(plan.student) : "PATH/adapter";
    const how = isServed
      ? `${format.serving(plan)}

Name it in the pipeline file:`
      : "The adapter is written to `adapter/`. Name it in the pipeline file, with the path of this folder in place of PATH:";
    return `${how}

\`\`\`yaml
finetune:
  adapters:
    ${subject}s: { ${role}: ${JSON.stringify(named)} }
\`\`\`

and run the pipeline again. ${isServed ? "The role asks the server with `model: finetuned`." : "The role has `adapter: finetuned`."}`;
  };
}
