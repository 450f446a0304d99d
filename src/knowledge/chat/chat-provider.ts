import type { Subject } from "../../base/terms.ts";
import type { ChatClient } from "../../llm/chat.ts";
import type { DomainNouns } from "../domain-nouns.ts";
import type { Actor, ActorAnswer, ActorStyle, Ask, Origin, Provider, Reflector } from "../roles.ts";
import type { AnswerForm } from "./answer-form.ts";
import { answerOrThrow, askAndParse } from "./ask-and-parse.ts";
import { parseJudgement } from "./parse-judgement.ts";
import { parseKnowledge } from "./parse-knowledge.ts";
import { promptVersion } from "./prompt-versions.ts";
import { itemPrompts, userPrompts, type Prompt, type Prompts } from "./prompts.ts";
import type { SchemaSupport } from "./schema-support.ts";

/** A chat model and how to ask it. */
export interface ChatProviderOptions {
  readonly client: ChatClient;
  readonly nouns: DomainNouns;
  readonly style: ActorStyle;
  /** Form of the judgements. */
  readonly structured: AnswerForm;
  /** Retries after an answer that cannot be parsed. */
  readonly askAgain: number;
  /** What is known of the server's schemas, if the judgements follow one. */
  readonly schemas?: SchemaSupport;
}

/** Plays both roles with a chat model. The client stays open: the run owns it. */
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
  { client, style, askAgain, schemas }: ChatProviderOptions,
): { readonly actor: Actor<C>; readonly reflector: Reflector<C> } {
  const { provider, model } = client;
  const originOf = (task: ActorStyle | "reflect"): Origin => ({
    provider,
    model,
    promptVersion: promptVersion(`${subject}-${task}`),
  });
  const answerTo = async <A>(
    prompt: Prompt,
    parse: (text: string) => A | null,
    { sample, signal, onCall }: Ask,
  ): Promise<{ readonly answer: A; readonly raw: string; readonly origin: Origin }> => {
    const asked = await askAndParse(prompt, parse, {
      ...{ client, askAgain, sample, signal },
      ...(schemas && { schemas }),
      onCall: (_ask, call) => {
        onCall(call);
      },
    });
    const answer = answerOrThrow(asked);
    const { answer: last, promptVersion: version } = asked.call;
    const raw = last.status === "ok" ? last.text : "";
    return { answer, raw, origin: { provider, model, promptVersion: version } };
  };
  const write = async (prompt: Prompt, ask: Ask): Promise<ActorAnswer> => {
    const { answer, origin } = await answerTo(prompt, parseKnowledge, ask);
    return { ...origin, text: answer };
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
        const { answer, raw, origin } = await answerTo(prompt, parseJudgement, ask);
        return { ...origin, text: raw, ...answer };
      },
    },
  };
}
