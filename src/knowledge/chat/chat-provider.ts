import type { Subject } from "../../base/terms.ts";
import type { ChatClient } from "../../llm/chat.ts";
import type { Nouns } from "../nouns.ts";
import type { Provider } from "../providers.ts";
import type { Actor, ActorAnswer, Ask, Origin, Reflector } from "../roles.ts";
import type { AnswerForm } from "./answer-form.ts";
import { askReadable } from "./ask-readable.ts";
import { parseJudgement } from "./parse-judgement.ts";
import { parseKnowledge } from "./parse-knowledge.ts";
import { promptVersion } from "./prompt-versions.ts";
import { itemPrompts, userPrompts, type Prompt, type Prompts } from "./prompts.ts";

/** How an actor reasons: by the method's own prompt, or by one chain of thought. */
export type ActorStyle = "reason" | "kar";

/** A chat model and how it is asked. */
export interface ChatProviderOptions {
  readonly client: ChatClient;
  readonly nouns: Nouns;
  readonly style: ActorStyle;
  /** How judgements are asked for. */
  readonly structured: AnswerForm;
  /** How often an answer that cannot be read is asked for again. */
  readonly askAgain: number;
}

/** Both roles played by a chat model. Closing it leaves the client open: the run owns it. */
export function chatProvider(options: ChatProviderOptions): Provider {
  const { client, nouns, structured } = options;
  const user = roles("user", userPrompts(nouns, structured), options);
  const item = roles("item", itemPrompts(nouns, structured), options);
  return {
    inFlight: client.inFlight,
    actors: { user: user.actor, item: item.actor },
    reflectors: { user: user.reflector, item: item.reflector },
  };
}

function roles<C, K>(
  subject: Subject,
  prompts: Prompts<C, K>,
  { client, style, askAgain }: ChatProviderOptions,
): { readonly actor: Actor<C>; readonly reflector: Reflector<C> } {
  const { provider, model } = client;
  const originOf = (task: ActorStyle | "reflect"): Origin => ({
    provider,
    model,
    promptVersion: promptVersion(`${subject}-${task}`),
  });
  const write = async (prompt: Prompt, ask: Ask): Promise<ActorAnswer> => {
    const answer = await askReadable({ client, prompt, parse: parseKnowledge, askAgain, ask });
    return { ...answer.origin, text: answer.value };
  };

  return {
    actor: {
      origin: originOf(style),
      reason: (context, ask) => write(prompts[style](context), ask),
      refine: (context, previousText, reflection, ask) =>
        write(prompts.refine(context, previousText, reflection), ask),
    },
    reflector: {
      origin: originOf("reflect"),
      reflect: async (context, text, ask) => {
        const prompt = prompts.reflect(context, text);
        const answer = await askReadable({ client, prompt, parse: parseJudgement, askAgain, ask });
        return { ...answer.origin, text: answer.text, ...answer.value };
      },
    },
  };
}
