import { z } from "zod";
import type { Subject } from "../base/terms.ts";
import { maxErrorsSetting } from "../flow/error-limit.ts";
import { answersByBatch } from "../llm/providers.ts";
import { answerIdentity, budgetSettings, priceSettings } from "../llm/settings.ts";
import { promptVersion, type PromptName } from "./chat/prompt-versions.ts";
import { wordsIdentity } from "./domain-nouns.ts";
import { withOwnTemperature } from "./filter-texts.ts";
import { asksModel, roleSettings, type RoleSettings } from "./providers.ts";

const inLowerCase = /^[a-z]+(?:[ -][a-z]+)*$/u;
const noun = z.string().regex(inLowerCase, "a noun in lower case, such as film or board game");

const nouns = z
  .strictObject({
    item: noun
      .optional()
      .describe("What an item is called, singular. Default: what the source holds, or item."),
    items: noun.optional().describe("Its plural. Default: the usual one in English."),
    user: noun
      .optional()
      .describe("What a user is called, singular. Default: what the source holds, or user."),
    users: noun.optional().describe("Its plural. Default: the usual one in English."),
    event: z
      .string()
      .regex(inLowerCase, "a past participle in lower case, such as bought or listened to")
      .optional()
      .describe(
        "What users do with items, as a past participle: rated, clicked, bought, watched, listened to. " +
          "Default: rated or, without ratings, what columns.label or columns.positiveEvents call it, or chosen.",
      ),
  })
  .prefault({})
  .describe("The words that prompts and texts use, in lower case.");

const scale = z
  .union([z.number(), z.literal("none")])
  .optional()
  .describe(
    "The best rating there is, such as 5 or 10, which prompts state. none: events are no ratings, an item was chosen or it was not. " +
      "Default: 5 for MovieLens, Amazon and the quickstart, none with columns.label and columns.event, else not stated.",
  );

const strategy = z
  .enum(["reason", "iterate", "filter", "kar"])
  .describe(
    "reason: only the actor (R2ec). iterate: reason, then reflect and refine until judged reasonable (R4ec). " +
      "filter: several samples, of which the reflector drops the unreasonable ones. kar: one chain-of-thought prompt (KAR).",
  );

const rounds = z
  .int()
  .min(0)
  .max(10)
  .describe("iterate: T, the most refinements a subject gets; 0 leaves the first text unjudged.");

const samples = z
  .int()
  .min(1)
  .max(32)
  .describe("filter: N, the texts written for a subject; the vectors of those kept are averaged.");

/** Longer than titles and descriptions are, short enough for a history of such items to fit a prompt. */
const defaultItemCharacters = 10_000;

const side = z
  .strictObject({
    actor: roleSettings.optional().describe("Overrides knowledge.actor."),
    reflector: roleSettings.optional().describe("Overrides knowledge.reflector."),
    strategy: strategy.optional().describe("Overrides knowledge.strategy."),
    rounds: rounds.optional().describe("Overrides knowledge.rounds."),
    samples: samples.optional().describe("Overrides knowledge.samples."),
  })
  .default({});

const tiers = z
  .strictObject({
    activeFrom: z
      .int()
      .min(1)
      .optional()
      .describe("Users with at least this many interactions in training and context are active."),
    activeShare: z
      .number()
      .gt(0)
      .lte(1)
      .optional()
      .describe("Or: this share of the users, the most active first."),
    halfLife: z
      .number()
      .positive()
      .optional()
      .describe(
        "Number of history positions over which a liked item's weight halves. Default: all weigh the same.",
      ),
  })
  .refine((tier) => (tier.activeFrom === undefined) !== (tier.activeShare === undefined), {
    error: "name either activeFrom or activeShare",
  })
  .describe(
    "Only active users are asked about; for others, the mean vector of the items they liked is used.",
  );

/** The `knowledge` block of a pipeline file. */
export const knowledgeSettings = z.strictObject({
  strategy: strategy.default("iterate"),
  rounds: rounds.default(1),
  judgeLast: z
    .boolean()
    .default(false)
    .describe(
      "iterate: whether the reflector judges the last refinement as well, which changes no text, but tells how many are reasonable in the end.",
    ),
  samples: samples.default(3),
  actor: roleSettings.default({ provider: "profiler" }).describe("Who reasons and refines."),
  reflector: roleSettings
    .default({ provider: "profiler" })
    .describe("Who judges the actor's texts."),
  users: side.describe("Settings for users only."),
  items: side.describe("Settings for items only."),
  nouns,
  scale,
  attributes: z
    .union([z.literal("all"), z.array(z.string().min(1)).readonly()])
    .default("all")
    .describe(
      "Item attributes the texts may use, by name, or all. The decade comes from the year.",
    ),
  userAttributes: z
    .union([z.literal("all"), z.array(z.string().min(1)).readonly()])
    .default([])
    .describe(
      "kar: user attributes that its prompt about a user shows, by name, or all. The other strategies show none. Default: none.",
    ),
  itemCharacters: z
    .int()
    .min(100)
    .default(defaultItemCharacters)
    .describe(
      "Most characters of an item's title and attribute values in prompts and texts, the first ones; longer items are cut, and counted.",
    ),
  tiers: tiers.optional(),
  budget: budgetSettings.prefault({}),
  prices: priceSettings.default({}),
  maxErrors: maxErrorsSetting.describe(
    "Most prompts without a usable answer in a stage, those of earlier runs included: 0.05, say, is a share of the stage's prompts, " +
      "looked at when all have been asked; 0, 1 and above are their number, at which the run stops at once. With more, the run keeps " +
      "every answer and fails.",
  ),
  cache: z
    .string()
    .optional()
    .describe("Folder of cached answers, to share them between runs. Default: in the run folder."),
});

/** {@link knowledgeSettings} as checked. */
export type KnowledgeSettings = z.output<typeof knowledgeSettings>;

/** The settings for users or items: their own block overrides the common one. */
export interface SideSettings {
  readonly strategy: KnowledgeSettings["strategy"];
  readonly rounds: number;
  readonly judgeLast: boolean;
  readonly samples: number;
  readonly actor: RoleSettings;
  readonly reflector: RoleSettings;
}

/** The settings of one side. */
export function sideSettings(settings: KnowledgeSettings, subject: Subject): SideSettings {
  const own = subject === "user" ? settings.users : settings.items;
  const writing = {
    strategy: own.strategy ?? settings.strategy,
    samples: own.samples ?? settings.samples,
    actor: own.actor ?? settings.actor,
  };
  return {
    ...writing,
    actor: withOwnTemperature(writing),
    rounds: own.rounds ?? settings.rounds,
    judgeLast: settings.judgeLast,
    reflector: own.reflector ?? settings.reflector,
  };
}

/** The settings with one strategy for users and items; all else stays, so that equal prompts are equal calls. */
export function withStrategy(
  settings: KnowledgeSettings,
  how: KnowledgeSettings["strategy"],
): KnowledgeSettings {
  return {
    ...settings,
    strategy: how,
    users: { ...settings.users, strategy: how },
    items: { ...settings.items, strategy: how },
  };
}

/**
 * How long items may be, as part of what decides texts: empty for the default, so that earlier tasks keep their keys.
 */
export function itemLengthIdentity({
  itemCharacters,
}: Pick<KnowledgeSettings, "itemCharacters">): object {
  return itemCharacters === defaultItemCharacters ? {} : { itemCharacters };
}

/** What decides the texts about users or items: all settings except address, speed and price. */
export function sideIdentity(settings: KnowledgeSettings, subject: Subject): object {
  const {
    strategy: how,
    rounds: most,
    samples: texts,
    actor,
    reflector,
  } = sideSettings(settings, subject);
  const { attributes } = settings;
  const asked = promptsAsked(subject, sideSettings(settings, subject));
  const common = {
    ...{ strategy: how, attributes, actor: roleIdentity(actor) },
    ...wordsIdentity(settings, asked.length > 0),
    ...(asked.length > 0 && { prompts: asked.map(promptVersion) }),
    ...itemLengthIdentity(settings),
  };
  switch (how) {
    case "reason":
      return common;
    case "kar": {
      const { userAttributes } = settings;
      const isShown = subject === "user" && userAttributes.length > 0;
      return { ...common, ...(isShown && { userAttributes }) };
    }
    case "iterate":
      return {
        ...{ ...common, rounds: most, reflector: roleIdentity(reflector) },
        ...(settings.judgeLast && { judgeLast: true }),
      };
    case "filter":
      return { ...common, samples: texts, reflector: roleIdentity(reflector) };
  }
}

/** The prompts that models are asked: an answer to another wording is another answer. */
function promptsAsked(
  subject: Subject,
  { strategy: how, actor, reflector }: SideSettings,
): readonly PromptName[] {
  const first = how === "kar" ? "kar" : "reason";
  const written: PromptName[] = how === "iterate" ? [`${subject}-refine`] : [];
  return [
    ...(asksModel(actor) ? ([`${subject}-${first}`, ...written] as const) : []),
    ...(hasReflector(how) && asksModel(reflector) ? ([`${subject}-reflect`] as const) : []),
  ];
}

function roleIdentity(settings: RoleSettings): object {
  return asksModel(settings) ? answerIdentity(settings) : settings;
}

/** Whether a chat model plays any role: such tasks mostly wait. */
export function asksModels(settings: KnowledgeSettings): boolean {
  return playersOf(settings).some(asksModel);
}

/** Whether a model whose answers come by batch plays any role. */
export function asksByBatch(settings: KnowledgeSettings): boolean {
  return playersOf(settings).some((player) => asksModel(player) && answersByBatch(player));
}

/** Who plays the roles that the strategies ask. */
function playersOf(settings: KnowledgeSettings): readonly RoleSettings[] {
  return (["user", "item"] as const).flatMap((subject) => {
    const { strategy: how, actor, reflector } = sideSettings(settings, subject);
    return hasReflector(how) ? [actor, reflector] : [actor];
  });
}

/** Whether a strategy has a reflector. */
export function hasReflector(how: SideSettings["strategy"]): boolean {
  return how === "iterate" || how === "filter";
}
