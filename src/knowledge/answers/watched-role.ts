import type { Subject } from "../../base/terms.ts";
import type { WatchedRole } from "./answer-watch.ts";
import { asksModel } from "../providers.ts";
import { sideSettings, type KnowledgeSettings } from "../settings.ts";

/** Who plays a role for users or items, and where the settings say so. */
export function watchedRole(
  knowledge: KnowledgeSettings,
  subject: Subject,
  role: "actor" | "reflector",
): WatchedRole {
  const player = sideSettings(knowledge, subject)[role];
  const isOwn = (subject === "user" ? knowledge.users : knowledge.items)[role] !== undefined;
  return {
    who: `the ${role} about ${subject}s`,
    setting: `knowledge.${isOwn ? `${subject}s.` : ""}${role}`,
    model: asksModel(player) ? player.model : player.provider,
  };
}
