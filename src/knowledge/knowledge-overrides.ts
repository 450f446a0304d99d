/** @file What a variant changes of the `knowledge` block. */
import { z } from "zod";
import { overridesOf } from "../base/overrides-of.ts";
import { knowledgeSettings, type KnowledgeSettings } from "./settings.ts";

const role = z
  .looseObject({ provider: z.string().optional(), model: z.string().optional() })
  .describe(
    "Overrides settings of knowledge.actor or knowledge.reflector, such as model, baseUrl and sampling; another provider takes none of theirs.",
  );
type RoleOverrides = z.output<typeof role>;

const roles = { actor: role.optional(), reflector: role.optional() };

/** What decides texts: tiers, budget, prices, limits of errors and the cache are the run's. */
const {
  tiers: _tiers,
  budget: _budget,
  prices: _prices,
  maxErrors: _maxErrors,
  cache: _cache,
  users,
  items,
  actor: _actor,
  reflector: _reflector,
  ...common
} = knowledgeSettings.shape;

/** `knowledge` of a variant: only what differs. */
export const knowledgeOverrides = overridesOf(common)
  .extend({
    ...roles,
    users: users.unwrap().extend(roles).optional().describe("Settings for users only."),
    items: items.unwrap().extend(roles).optional().describe("Settings for items only."),
    from: z
      .string()
      .optional()
      .describe(
        "Another variant, whose settings are overridden instead of those of the knowledge block; prompts that both ask are asked once.",
      ),
  })
  .describe("Overrides settings of the knowledge block.");

/** See {@link knowledgeOverrides}. */
export type KnowledgeOverrides = z.output<typeof knowledgeOverrides>;

/** Settings that the whole block and its sides both have: given for the whole, they hold for both sides. */
const ofBoth = ["strategy", "rounds", "samples", "actor", "reflector"] as const;

/** The settings with what a variant overrides, as a file would say them; still to be checked. */
export function overrideKnowledge(
  settings: KnowledgeSettings,
  {
    from: _from,
    users: ofUsers,
    items: ofItems,
    actor,
    reflector,
    ...overrides
  }: KnowledgeOverrides,
): object {
  const given = ofBoth.filter((key) => ({ ...overrides, actor, reflector })[key] !== undefined);
  const whole = {
    ...(merged(settings, overrides) as object),
    actor: overrideRole(settings.actor, actor),
    reflector: overrideRole(settings.reflector, reflector),
  };
  const sideOf = (own: object, { actor: of, reflector: by, ...rest }: SideOverrides): object => {
    const kept: Block = Object.fromEntries(
      Object.entries(own).filter(([key]) => given.every((one) => one !== key)),
    );
    return {
      ...{ ...kept, ...rest },
      ...(of !== undefined && { actor: overrideRole(kept["actor"] ?? whole.actor, of) }),
      ...(by !== undefined && {
        reflector: overrideRole(kept["reflector"] ?? whole.reflector, by),
      }),
    };
  };
  return {
    ...whole,
    users: sideOf(settings.users, ofUsers ?? {}),
    items: sideOf(settings.items, ofItems ?? {}),
  };
}

type Block = Readonly<Record<string, unknown>>;
type SideOverrides = NonNullable<KnowledgeOverrides["users"]>;

/** A role with what overrides it; another provider is taken as given. */
function overrideRole(role: unknown, overrides: RoleOverrides | undefined): unknown {
  if (overrides === undefined) return role;
  const provider = isBlock(role) ? role["provider"] : undefined;
  const isOther = overrides.provider !== undefined && overrides.provider !== provider;
  return isOther ? overrides : merged(role, overrides);
}

function merged(base: unknown, over: unknown): unknown {
  if (!isBlock(base) || !isBlock(over)) return over;
  const changed = Object.entries(over).map(([key, value]) => [key, merged(base[key], value)]);
  return { ...base, ...Object.fromEntries(changed) };
}

function isBlock(value: unknown): value is Block {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
