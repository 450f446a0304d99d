import { z } from "zod";

const noun = z
  .string()
  .regex(/^[a-z]+(?:[ -][a-z]+)*$/u, "a noun in lower case, singular, such as film or board game");

const profilerRole = z.strictObject({
  provider: z
    .literal("profiler")
    .describe("The built-in profiler: statistics written out as sentences. Not a language model."),
});

/** Who plays a role. One object for each provider, told apart by `provider`. */
const role = z.discriminatedUnion("provider", [profilerRole]);

const strategy = z
  .enum(["iterate"])
  .describe("iterate: reason, then reflect and refine until judged reasonable.");

const rounds = z
  .int()
  .min(0)
  .max(10)
  .describe("T, the most refinements a subject gets; 0 leaves the first text unjudged.");

const side = z
  .strictObject({
    actor: role.optional().describe("Overrides knowledge.actor."),
    reflector: role.optional().describe("Overrides knowledge.reflector."),
    strategy: strategy.optional().describe("Overrides knowledge.strategy."),
    rounds: rounds.optional().describe("Overrides knowledge.rounds."),
  })
  .default({});

/** The `knowledge` block of a pipeline file. */
export const knowledgeSettings = z.strictObject({
  strategy: strategy.default("iterate"),
  rounds: rounds.default(1),
  actor: role.default({ provider: "profiler" }).describe("Who reasons and refines."),
  reflector: role.default({ provider: "profiler" }).describe("Who judges the actor's texts."),
  users: side.describe("Settings for users alone."),
  items: side.describe("Settings for items alone."),
  itemNoun: noun.default("film").describe("What an item is called in the texts, singular."),
  personNoun: noun.default("viewer").describe("What a user is called in the texts, singular."),
  attributes: z
    .union([z.literal("all"), z.array(z.string().min(1)).readonly()])
    .default("all")
    .describe(
      "Item attributes the texts may use, by name, or all. The decade comes from the year.",
    ),
});

/** {@link knowledgeSettings} as checked. */
export type KnowledgeSettings = z.output<typeof knowledgeSettings>;
/** Who plays a role. */
export type RoleSettings = z.output<typeof role>;
/** Who the knowledge is about. */
export type Subject = "user" | "item";

/** What holds for one side, its own block before the common one. */
export interface SideSettings {
  readonly strategy: KnowledgeSettings["strategy"];
  readonly rounds: number;
  readonly actor: RoleSettings;
  readonly reflector: RoleSettings;
}

/** The settings of one side. */
export function sideSettings(settings: KnowledgeSettings, subject: Subject): SideSettings {
  const own = subject === "user" ? settings.users : settings.items;
  return {
    strategy: own.strategy ?? settings.strategy,
    rounds: own.rounds ?? settings.rounds,
    actor: own.actor ?? settings.actor,
    reflector: own.reflector ?? settings.reflector,
  };
}
