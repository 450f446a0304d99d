import { z } from "zod";
import type { KnowledgeSettings } from "../../knowledge/settings.ts";
import type { ExecutorSetting } from "./executor-settings.ts";
import type { StageName } from "../pipeline-stage.ts";

interface Asking {
  readonly runtime: { readonly executor: ExecutorSetting };
  readonly knowledge: KnowledgeSettings;
  readonly construct?: { readonly teacher: object } | undefined;
}

/** The limits of a role's model that are of the whole run. */
const limitedRole = z.object({
  limits: z.object({
    requestsPerMinute: z.number().optional(),
    tokensPerMinute: z.number().optional(),
  }),
});

/** Adds issues for limits of a whole run that several processes at a time would each keep for itself. */
export function refuseLimitsOfJobs(
  { runtime: { executor }, knowledge, construct }: Asking,
  context: z.core.$RefinementCtx,
): void {
  if (executor === "local") return;
  const [name, { stages }] =
    "array" in executor
      ? (["array", executor.array] as const)
      : (["slurm", executor.slurm] as const);
  const refuse = (stage: StageName, path: readonly string[]): void => {
    if (!stages.includes(stage)) return;
    context.addIssue({
      code: "custom",
      path: [...path],
      message:
        `each job of runtime.executor.${name} would keep this limit for itself, not the run as a whole; leave the limit out, or ` +
        `${stage} out of runtime.executor.${name}.stages: this process then asks, and keeps it`,
    });
  };
  for (const [key, value] of Object.entries(knowledge.budget)) {
    if (value === undefined) continue;
    const asking =
      construct === undefined ? (["knowledge"] as const) : (["knowledge", "construct"] as const);
    const stage = asking.find((one) => stages.includes(one));
    if (stage !== undefined) refuse(stage, ["knowledge", "budget", key]);
  }
  const roles: readonly (readonly [StageName, readonly string[], object | undefined])[] = [
    ["knowledge", ["knowledge", "actor"], knowledge.actor],
    ["knowledge", ["knowledge", "reflector"], knowledge.reflector],
    ["knowledge", ["knowledge", "users", "actor"], knowledge.users.actor],
    ["knowledge", ["knowledge", "users", "reflector"], knowledge.users.reflector],
    ["knowledge", ["knowledge", "items", "actor"], knowledge.items.actor],
    ["knowledge", ["knowledge", "items", "reflector"], knowledge.items.reflector],
    ["construct", ["construct", "teacher"], construct?.teacher],
  ];
  for (const [stage, path, role] of roles) {
    const rates = limitedRole.safeParse(role).data?.limits ?? {};
    for (const [rate, value] of Object.entries(rates)) {
      if (value !== undefined) refuse(stage, [...path, "limits", rate]);
    }
  }
}
