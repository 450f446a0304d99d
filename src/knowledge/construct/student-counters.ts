import type { Subject } from "../../base/terms.ts";
import { openTokenCounter, type TokenCounter } from "../../llm/count-tokens.ts";
import { asksModel } from "../providers.ts";
import { sideSettings, type KnowledgeSettings } from "../settings.ts";
import type { ConstructSettings } from "./settings.ts";

/** Who counts the tokens of the rows that a model learns from. */
export interface StudentCounters {
  readonly actor: TokenCounter;
  readonly reflector: TokenCounter;
}

/** Paths of tokenizers, by role; without one, tokens are estimated. */
type Tokenizers = Readonly<Record<keyof StudentCounters, string | undefined>>;

interface Counting {
  readonly construct: Pick<ConstructSettings, "teacher">;
  readonly knowledge: KnowledgeSettings;
}

/** The tokenizers of the models that will play the roles, or else of the teacher. */
function tokenizersOf({ construct, knowledge }: Counting, subject: Subject): Tokenizers {
  const side = sideSettings(knowledge, subject);
  const of = (role: keyof StudentCounters): string | undefined => {
    const player = side[role];
    return (asksModel(player) ? player.tokenizer : undefined) ?? construct.teacher.tokenizer;
  };
  return { actor: of("actor"), reflector: of("reflector") };
}

/** Who counts, as part of what decides rows: empty where every token is estimated. */
export function countingIdentity(settings: Counting, subject: Subject): object {
  const { actor, reflector } = tokenizersOf(settings, subject);
  return { ...(actor !== undefined && { actor }), ...(reflector !== undefined && { reflector }) };
}

/**
 * Opens the tokenizers of the rows about users or items.
 *
 * @throws FlowError `CONFIG_INVALID` for one that cannot be read
 */
export async function openStudentCounters(
  settings: Counting,
  subject: Subject,
): Promise<StudentCounters> {
  const { actor, reflector } = tokenizersOf(settings, subject);
  return { actor: await openTokenCounter(actor), reflector: await openTokenCounter(reflector) };
}
