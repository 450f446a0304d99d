import type { z } from "zod";
import type { KnowledgeSettings } from "../../knowledge/settings.ts";
import { jobSettings, type ExecutorSetting } from "./executor-settings.ts";

interface Asking {
  readonly runtime: { readonly executor: ExecutorSetting };
  readonly knowledge: KnowledgeSettings;
  readonly construct?: { readonly teacher: object } | undefined;
}

/** Adds issues for budgets of a whole run that several processes at a time would each keep for itself. */
export function refuseBudgetsOfJobs(
  { runtime: { executor }, knowledge, construct }: Asking,
  context: z.core.$RefinementCtx,
): void {
  const jobs = jobSettings(executor);
  if (jobs === null) return;
  const {
    name,
    settings: { stages },
  } = jobs;
  const asking =
    construct === undefined ? (["knowledge"] as const) : (["knowledge", "construct"] as const);
  const stage = asking.find((one) => stages.includes(one));
  if (stage === undefined) return;
  for (const [key, value] of Object.entries(knowledge.budget)) {
    if (value === undefined) continue;
    context.addIssue({
      code: "custom",
      path: ["knowledge", "budget", key],
      message:
        `each job of runtime.executor.${name} would keep this budget for itself, not the run as a whole; leave it out, or ` +
        `${stage} out of runtime.executor.${name}.stages: this process then asks, and keeps it`,
    });
  }
}
