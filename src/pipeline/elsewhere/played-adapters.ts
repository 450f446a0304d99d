/** @file The roles of a pipeline that are played with what was trained elsewhere. */
import { resolve } from "node:path";
import { subjects } from "../../base/terms.ts";
import { adapterRoles, type FinetuneSettings } from "../../finetune/settings.ts";
import { finetunedRoles, isFinetuned, type RunAdapter } from "../../knowledge/finetuned.ts";
import { sideSettings, type KnowledgeSettings } from "../../knowledge/settings.ts";

/** What is trained elsewhere for one role. */
export interface PlayedAdapter extends RunAdapter {
  /** The .gguf models that are loaded with it; none where a server plays the role. */
  readonly models: readonly string[];
  /** Whether a server serves it under a name. */
  readonly isServed: boolean;
  /** What `finetune.adapters` says of it: an absolute path, or the name; null while it is not trained. */
  readonly given: string | null;
}

/**
 * Every role that is played with what is trained elsewhere, users first, actors first; none without `finetune.elsewhere`.
 *
 * @param knowledge - The settings of all texts
 */
export function playedAdapters(
  knowledge: readonly KnowledgeSettings[],
  finetune: FinetuneSettings | undefined,
): readonly PlayedAdapter[] {
  if (finetune?.elsewhere === undefined) return [];
  const { adapters } = finetune;
  return subjects.flatMap((subject) =>
    adapterRoles.flatMap((role) => {
      const players = knowledge
        .filter((texts) => finetunedRoles(texts, subject).includes(role))
        .map((texts) => sideSettings(texts, subject)[role]);
      if (players.length === 0) return [];
      const models = players.flatMap((one) => (one.provider === "gguf" ? one.model : []));
      const isServed = models.length < players.length;
      const given = adapters?.[subject === "user" ? "users" : "items"][role] ?? null;
      return {
        ...{ subject, role, models: [...new Set(models)], isServed },
        given: given === null || isServed ? given : resolve(given),
      };
    }),
  );
}

/** `finetune.adapters` with absolute paths. */
export function givenAdapters(
  played: readonly PlayedAdapter[],
): NonNullable<FinetuneSettings["adapters"]> {
  const of = (wanted: string): object =>
    Object.fromEntries(
      played.flatMap(({ subject, role, given }) =>
        subject === wanted && given !== null ? [[role, given]] : [],
      ),
    );
  return { users: of("user"), items: of("item") };
}

/** Settings whose roles name the models that servers serve, as far as they are known, in place of the word `finetuned`. */
export function withServedNames(
  knowledge: KnowledgeSettings,
  played: readonly PlayedAdapter[],
): KnowledgeSettings {
  return played.reduce((settings, { subject, role, isServed, given }): KnowledgeSettings => {
    const side = subject === "user" ? "users" : "items";
    const player = settings[side][role] ?? settings[role];
    if (!isServed || given === null || !isFinetuned(player) || !("model" in player))
      return settings;
    return { ...settings, [side]: { ...settings[side], [role]: { ...player, model: given } } };
  }, knowledge);
}
