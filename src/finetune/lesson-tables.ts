import type { Catalog } from "../flow/stage.ts";
import { lessonTables } from "../tables/lesson-lengths.ts";
import type { AdapterRole } from "./settings.ts";

/** The tables of lessons, each without parts. */
export const noLessons: Catalog = Object.fromEntries(lessonTables.map((table) => [table, []]));

/**
 * The tables that a role learns from.
 *
 * @param reasonOnly - Whether an actor learns to reason alone
 */
export function tablesTaught(role: AdapterRole, reasonOnly: boolean): readonly string[] {
  if (role === "reflector") return ["sft_reflect"];
  return reasonOnly ? ["sft_reason"] : ["sft_reason", "sft_refine"];
}
