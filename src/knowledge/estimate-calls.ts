import { canonicalJson, toJson } from "../base/json.ts";
import { sha256 } from "../base/sha256.ts";
import type { ChatCall, ChatClient, Usage } from "../llm/chat.ts";
import { costUsd } from "../llm/cost.ts";
import { conversationTokens, openTokenCounter, type TokenCounter } from "../llm/count-tokens.ts";
import type { Llm } from "../llm/llm.ts";
import { isLocalModel, type ChatSettings } from "../llm/providers.ts";
import { answerIdentity, type Prices } from "../llm/settings.ts";
import type { Judged } from "./chat/parse-judgement.ts";
import { printJudgement } from "./chat/print-answer.ts";
import type { ItemContext, UserContext } from "./contexts/contexts.ts";
import type { DomainNouns } from "./domain-nouns.ts";
import { asksModel, openProvider } from "./providers.ts";
import type { Actor, Reflector } from "./roles.ts";
import type { SideSettings } from "./settings.ts";
import { strategies, type StepCall } from "./strategies.ts";

/** A sample of contexts to estimate from. */
export type ContextSample =
  | { readonly subject: "user"; readonly contexts: readonly UserContext[] }
  | { readonly subject: "item"; readonly contexts: readonly ItemContext[] };

/** A range of amounts: how the texts are judged decides. */
export interface EstimateRange {
  /** When every text is judged reasonable at once. */
  readonly least: number;
  /** When every text is judged unreasonable. */
  readonly most: number;
}

/** Estimated calls of one role for users or items. */
export interface RoleEstimate {
  readonly role: "actor" | "reflector" | "teacher";
  readonly provider: string;
  readonly model: string;
  /** How tokens were counted. */
  readonly tokens: TokenCounter["method"];
  readonly calls: EstimateRange;
  /** Calls besides these that another variant makes before: they are asked once, and counted there. */
  readonly shared: EstimateRange;
  readonly promptTokens: EstimateRange;
  readonly completionTokens: EstimateRange;
  /** US dollars, with every prompt at its full price; null when the model has none. */
  readonly costUsd: EstimateRange | null;
}

/** Assumed words of every text and reflection: what the prompts ask for. */
export const assumedWords = 200;

/** What variants before have asked, to tell what is asked once for several: keys of prompts, in the best and in the worst case. */
export interface AskedBefore {
  readonly least: Set<string>;
  readonly most: Set<string>;
}

/** A sentence of 20 words. */
const sentence =
  "This person looks for quiet stories about people under pressure and is put off by noise, haste and easy endings.";

/** An answer of {@link assumedWords} words. */
export const cannedText = Array.from({ length: assumedWords / 20 }, () => sentence).join(" ");

/**
 * Estimates the calls of asking about some subjects. Runs the strategy itself on a sample, with mock models that count their input and
 * answer with {@link assumedWords} words: once judging every text reasonable, once unreasonable. Retries are not included. A role that
 * calls no model has no estimate.
 *
 * @param asked - Grows by what is asked here
 * @param subjects - Number of subjects to ask about; the sample is scaled up to it
 * @throws FlowError `CONFIG_INVALID` for a tokenizer that cannot be read, or a strategy that the profiler does not know
 */
export async function estimateCalls(
  sample: ContextSample,
  subjects: number,
  settings: SideSettings,
  nouns: DomainNouns,
  prices: Prices,
  asked: AskedBefore,
): Promise<readonly RoleEstimate[]> {
  const scale = sample.contexts.length === 0 ? 0 : subjects / sample.contexts.length;
  const counterOf = tokenCounters();
  const callsWhen = (judgement: Judgement): Promise<readonly StepCall[]> =>
    askAll(sample, settings, nouns, judgement, {
      client: async (role) =>
        countingClient(role, await counterOf(role), prices, (promptVersion, mark) =>
          promptVersion.includes("-reflect@")
            ? printJudgement(judgedAs(judgement, mark), role.structured)
            : cannedText + mark,
        ),
    });
  const least = await callsWhen("reasonable");
  const most = await callsWhen("unreasonable");

  const own = { least: unasked(least, asked.least), most: unasked(most, asked.most) };
  const estimates: RoleEstimate[] = [];
  for (const role of ["actor", "reflector"] as const) {
    const player = settings[role];
    if (!asksModel(player) || !most.some((each) => each.role === role)) continue;
    const of = (calls: readonly StepCall[]): readonly ChatCall[] =>
      calls.filter((each) => each.role === role).map(({ call }) => call);
    const counter = await counterOf(player);
    const estimate = roleEstimate(role, player, counter, scale, of(own.least), of(own.most));
    const shared = (all: readonly StepCall[], some: readonly StepCall[]): number =>
      Math.round(scale * (of(all).length - of(some).length));
    estimates.push({
      ...estimate,
      shared: { least: shared(least, own.least), most: shared(most, own.most) },
    });
  }
  for (const { call } of least) asked.least.add(call.key);
  for (const { call } of most) asked.most.add(call.key);
  return estimates;
}

/** The calls that no other variant has made before, each once. */
function unasked(calls: readonly StepCall[], before: ReadonlySet<string>): readonly StepCall[] {
  const seen = new Set(before);
  return calls.filter(({ call: { key } }) => {
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
}

/** Opens the token counter of each model once. */
export function tokenCounters(): (settings: ChatSettings) => Promise<TokenCounter> {
  const counters = new Map<string | undefined, TokenCounter>();
  return async ({ tokenizer }) => {
    const counter = counters.get(tokenizer) ?? remembering(await openTokenCounter(tokenizer));
    counters.set(tokenizer, counter);
    return counter;
  };
}

/** The estimate of a role: the calls of a sample, in the best and the worst case, scaled up. */
export function roleEstimate(
  role: RoleEstimate["role"],
  { provider, model }: ChatSettings,
  { method }: TokenCounter,
  scale: number,
  least: readonly ChatCall[],
  most: readonly ChatCall[],
): RoleEstimate {
  const between = (amountOf: (call: ChatCall) => number | null): EstimateRange => ({
    least: scale * sum(least, amountOf),
    most: scale * sum(most, amountOf),
  });
  const cost = between((call) => call.costUsd ?? Number.NaN);
  return {
    role,
    provider,
    model,
    tokens: method,
    calls: rounded(between(() => 1)),
    shared: { least: 0, most: 0 },
    promptTokens: rounded(between(({ usage }) => usage.promptTokens)),
    completionTokens: rounded(between(({ usage }) => usage.completionTokens)),
    costUsd: Number.isNaN(cost.most) ? null : cost,
  };
}

type Judgement = "reasonable" | "unreasonable";

async function askAll(
  sample: ContextSample,
  settings: SideSettings,
  nouns: DomainNouns,
  judgement: Judgement,
  counting: Pick<Llm, "client">,
): Promise<readonly StepCall[]> {
  const llm = (): Promise<typeof counting> => Promise.resolve(counting);
  const style = settings.strategy === "kar" ? "kar" : "reason";
  const { actors } = await openProvider(settings.actor, nouns, { llm, style });
  const { reflectors } = asksModel(settings.reflector)
    ? await openProvider(settings.reflector, nouns, { llm, style: "reason" })
    : { reflectors: { user: judge(judgement), item: judge(judgement) } };
  return sample.subject === "user"
    ? askEach(sample.contexts, actors.user, reflectors.user, settings)
    : askEach(sample.contexts, actors.item, reflectors.item, settings);
}

async function askEach<C>(
  contexts: readonly C[],
  actor: Actor<C>,
  reflector: Reflector<C>,
  { strategy, rounds, judgeLast, samples }: SideSettings,
): Promise<readonly StepCall[]> {
  const { signal } = new AbortController();
  const calls: StepCall[] = [];
  for (const context of contexts) {
    const limits = { rounds, judgeLast, samples };
    const told = await strategies[strategy](context, { actor, reflector, ...limits, signal });
    calls.push(...told.calls);
  }
  return calls;
}

/** Replaces the profiler, which calls no model but whose judgement decides whether the actor is asked again. */
function judge(judgement: Judgement): Reflector<unknown> {
  const origin = { provider: "profiler", model: "profiler", promptVersion: "" };
  return {
    origin,
    reflect: () => Promise.resolve({ ...origin, text: judgement, ...judgedAs(judgement) }),
  };
}

/** A judgement; if negative, with a reflection of {@link assumedWords} words and a mark. */
export function judgedAs(judgement: Judgement, mark = ""): Judged {
  return judgement === "reasonable"
    ? { judgement, reflection: null }
    : { judgement, reflection: cannedText + mark };
}

/** Tells answers to different prompts apart although all have the same words; not counted. */
const marks = / ⟦[0-9a-f]+⟧/g;

/** A mock model that counts its input and answers as given, with a mark of what it was asked. */
export function countingClient(
  settings: ChatSettings,
  { count }: TokenCounter,
  prices: Prices,
  answerTo: (promptVersion: string, mark: string) => string,
): ChatClient {
  const { provider, model } = settings;
  const price = isLocalModel(settings) ? { prompt: 0, completion: 0 } : (prices[model] ?? null);
  return {
    provider,
    model,
    inFlight: 1,
    ask: (question) => {
      const { messages, promptVersion } = question;
      const key = sha256(canonicalJson(toJson({ by: answerIdentity(settings), question })));
      const text = answerTo(promptVersion, ` ⟦${key.slice(0, 16)}⟧`);
      const words = (marked: string): number => count(marked.replaceAll(marks, ""));
      const usage: Usage = {
        promptTokens: conversationTokens(
          messages.map(({ content }) => content),
          words,
        ),
        completionTokens: words(text),
        cachedTokens: null,
      };
      return Promise.resolve({
        key,
        provider,
        model,
        promptVersion,
        answer: { status: "ok", text },
        usage,
        costUsd: costUsd(usage, price),
        latencyMs: 0,
        attempts: 1,
        isCached: false,
      });
    },
  };
}

/** Counts each text once: the best and the worst case ask much the same. */
function remembering({ method, count }: TokenCounter): TokenCounter {
  const known = new Map<string, number>();
  return {
    method,
    count: (text) => {
      const tokens = known.get(text) ?? count(text);
      known.set(text, tokens);
      return tokens;
    },
  };
}

function sum(calls: readonly ChatCall[], amountOf: (call: ChatCall) => number | null): number {
  return calls.reduce((total, call) => total + (amountOf(call) ?? 0), 0);
}

function rounded({ least, most }: EstimateRange): EstimateRange {
  return { least: Math.round(least), most: Math.round(most) };
}
