import { freeMemory } from "../../base/free-memory.ts";
import type { PipelineSettings } from "../settings.ts";

/**
 * Refuses a base model that cannot be fine-tuned on this machine, whatever the teacher writes; nothing without a `finetune` block, and
 * for a training elsewhere.
 *
 * @param totalBytes - Default: the memory of the machine or its container
 */
export async function refuseUntrainable(
  { finetune }: Pick<PipelineSettings, "finetune">,
  { totalBytes } = freeMemory(),
): Promise<void> {
  if (finetune === undefined || finetune.elsewhere !== undefined) return;
  const { requireTrainable } = await import("../../finetune/plan-finetune.ts");
  await requireTrainable(finetune, totalBytes);
}
