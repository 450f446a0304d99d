/** @file Roles that are played with the adapters that are trained for the run: by it, or elsewhere. */
import { join } from "node:path";
import { z } from "zod";
import { FlowError } from "../base/errors.ts";
import type { Subject } from "../base/terms.ts";
import type { Catalog } from "../flow/stage.ts";
import type { Database } from "../tables/database.ts";
import { sqlFile } from "../tables/sql-file.ts";
import { asksModel, type RoleSettings } from "./providers.ts";
import {
  hasReflector,
  sideSettings,
  type KnowledgeSettings,
  type SideSettings,
} from "./settings.ts";

/** In place of an adapter's path, or of the name of a server's model: the one that is trained for the role. */
export const finetuned = "finetuned";

export type FinetunedRole = "actor" | "reflector";

/** An adapter that is trained for a run. */
export interface RunAdapter {
  readonly subject: Subject;
  readonly role: FinetunedRole;
}

/** Whether a role is played with the adapter that is trained for it. */
export function isFinetuned(role: RoleSettings): boolean {
  if (role.provider === "gguf") return role.adapter === finetuned;
  return asksModel(role) && role.model === finetuned;
}

/** The setting of a role that says `finetuned`: its adapter where the provider loads it, else the name of the model. */
export function finetunedSetting({
  provider,
}: Pick<RoleSettings, "provider">): "adapter" | "model" {
  return provider === "gguf" ? "adapter" : "model";
}

/** The roles about users or items that are asked and played with the adapters that are trained for them. */
export function finetunedRoles(
  knowledge: KnowledgeSettings,
  subject: Subject,
): readonly FinetunedRole[] {
  const settings = sideSettings(knowledge, subject);
  return askedRoles(settings).filter((role) => isFinetuned(settings[role]));
}

/** Those of {@link finetunedRoles} whose adapters the run loads itself. */
export function loadedRoles(
  knowledge: KnowledgeSettings,
  subject: Subject,
): readonly FinetunedRole[] {
  const settings = sideSettings(knowledge, subject);
  return finetunedRoles(knowledge, subject).filter(
    (role) => finetunedSetting(settings[role]) === "adapter",
  );
}

function askedRoles({ strategy }: Pick<SideSettings, "strategy">): readonly FinetunedRole[] {
  return hasReflector(strategy) ? ["actor", "reflector"] : ["actor"];
}

/**
 * The parts of the table `adapters` that the roles about users or items need, so that another adapter changes none of their texts.
 *
 * @param trained - The run's adapters in the order of their parts
 */
export function adapterParts(
  { adapters = [] }: Catalog,
  trained: readonly RunAdapter[],
  subject: Subject,
  roles: readonly FinetunedRole[],
): Catalog {
  if (roles.length === 0) return {};
  const parts = adapters.filter((_, index) => {
    const of = trained[index];
    return of?.subject === subject && roles.includes(of.role);
  });
  return { adapters: parts };
}

const adapterRow = z.object({ role: z.enum(["actor", "reflector"]), path: z.string() });

/**
 * The settings with the path of the run's own adapter in each role that is played with it.
 *
 * @param db - Has the view `adapters` where a role is
 * @param place - `roles` are those to look for. Default: all that are asked
 */
export async function withOwnAdapters(
  db: Database,
  settings: SideSettings,
  place: {
    readonly subject: Subject;
    readonly runDir: string;
    readonly roles?: readonly FinetunedRole[];
  },
): Promise<SideSettings> {
  const { subject, runDir, roles = askedRoles(settings) } = place;
  const sought = roles.filter((role) => isFinetuned(settings[role]));
  if (sought.length === 0) return settings;
  const rows = z.array(adapterRow).parse(await db.rows(sqlFile("knowledge/adapters"), { subject }));
  const own = (role: FinetunedRole): RoleSettings => {
    const player = settings[role];
    if (!sought.includes(role)) return player;
    if (player.provider !== "gguf") {
      const side = subject === "user" ? "users" : "items";
      throw new FlowError(
        "RUN_INVALID",
        `no server is known to serve the ${role} about ${subject}s: name its model in finetune.adapters.${side}.${role}`,
      );
    }
    const found = rows.find((row) => row.role === role);
    if (found === undefined) {
      throw new FlowError(
        "RUN_INVALID",
        `the run has no adapter for the ${role} about ${subject}s: run its stage finetune again`,
      );
    }
    return { ...player, adapter: join(runDir, found.path, "adapter.gguf") };
  };
  return { ...settings, actor: own("actor"), reflector: own("reflector") };
}
