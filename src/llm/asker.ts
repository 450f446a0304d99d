import { FlowError } from "../errors.ts";
import type { AbortGroups } from "./abort-groups.ts";
import type { ChargedAnswerCache } from "./answer-cache.ts";
import { backoffMs } from "./backoff.ts";
import type { BudgetGate } from "./budget-gate.ts";
import type {
  AnswerFault,
  ChatCall,
  ChatPayload,
  ChatReply,
  StoredAnswer,
  Transport,
  Usage,
} from "./chat.ts";
import { TransportError } from "./chat.ts";
import type { Clock } from "./clock.ts";
import { allTokens, costUsd, estimatedTokens, mostUsage, type Price } from "./cost.ts";
import type { Limiter } from "./limiter.ts";
import { payloadKey } from "./payload-key.ts";

/** A model at an endpoint, as it is asked. */
export interface Endpoint {
  readonly provider: string;
  /** Names it in errors; no secrets. */
  readonly name: string;
  readonly price: Price | null;
  readonly limiter: Limiter;
  readonly transport: Transport;
  readonly trial: Trial;
}

/** How the first prompts of a session fared: a setting that the endpoint refuses is told from single bad prompts. */
export interface Trial {
  /** Refused, while nothing has been answered. */
  rejected: number;
  firstReason: string;
  isPassed: boolean;
}

/** What all endpoints of a run share. */
export interface AskerOptions {
  readonly cache: ChargedAnswerCache;
  readonly budget: BudgetGate;
  readonly clock: Clock;
  readonly groups: AbortGroups;
  /** From 0 to below 1; spreads waiting times. */
  readonly random: () => number;
}

/** Asks an endpoint, unless the answer is known or on its way. */
export type Asker = (
  endpoint: Endpoint,
  payload: ChatPayload,
  signal: AbortSignal,
) => Promise<ChatCall>;

interface Flight {
  readonly call: Promise<ChatCall>;
  readonly signal: AbortSignal;
}

type Outcome = Pick<StoredAnswer, "answer" | "usage" | "latencyMs" | "attempts">;

/** Prompts refused before any is answered after which the run stops. */
const trialPrompts = 20;
const unknownUsage: Usage = { promptTokens: null, completionTokens: null, cachedTokens: null };

/**
 * Cache, then whoever is asking the same already, then budget, limiter and as many attempts as the limits allow. What is paid
 * for is on disk before it is returned.
 */
export function createAsker({ cache, budget, clock, groups, random }: AskerOptions): Asker {
  const flights = new Map<string, Flight>();

  const pause = (delayMs: number, signals: readonly AbortSignal[]): Promise<void> => {
    for (const signal of signals) signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const leave = groups.join(signals, (reason) => {
        cancel();
        leave();
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- a signal's reason, as it is
        reject(reason);
      });
      const cancel = clock.after(delayMs, () => {
        leave();
        resolve();
      });
    });
  };

  const attempt = async (
    endpoint: Endpoint,
    payload: ChatPayload,
    tokens: number,
    signal: AbortSignal,
    keep: (outcome: Outcome) => Promise<StoredAnswer>,
  ): Promise<StoredAnswer> => {
    const { limiter, transport, trial, name } = endpoint;
    const { ended } = limiter;
    let attempts = 0;
    let usedUp = 0;
    let busySinceMs: number | null = null;
    for (;;) {
      const slot = await limiter.enter(tokens, signal);
      if (signal.aborted || ended.aborted) {
        limiter.release(slot);
        signal.throwIfAborted();
        ended.throwIfAborted();
      }
      attempts += 1;
      const outcome = (answer: Outcome["answer"], usage: Usage): Outcome => ({
        answer,
        usage,
        latencyMs: clock.now() - slot.sentAtMs,
        attempts,
      });
      /** A request is under way until its answer is on disk: `kill -9` loses no more answers than the window holds. */
      const kept = async (answered: Outcome): Promise<StoredAnswer> => {
        try {
          return await keep(answered);
        } finally {
          limiter.answered(slot, allTokens(answered.usage));
        }
      };
      let reply: ChatReply;
      try {
        reply = await transport.send(payload, signal);
      } catch (thrown) {
        if (signal.aborted || !(thrown instanceof TransportError)) {
          limiter.release(slot);
          signal.throwIfAborted();
          throw thrown;
        }
        const { fault, message } = thrown;
        switch (fault.kind) {
          case "fatal": {
            const told = `${name}: ${message}`;
            const reason = limiter.end(new FlowError("PROVIDER_FAILED", told, { cause: thrown }));
            limiter.release(slot);
            throw reason;
          }
          case "prompt": {
            const usage = fault.usage ?? unknownUsage;
            noteFirstPrompts(endpoint, fault.fault, message);
            return kept(outcome({ status: fault.fault, reason: message }, usage));
          }
          case "busy":
            limiter.busy(slot, fault.retryAfterMs, message);
            busySinceMs ??= clock.now();
            if (clock.now() - busySinceMs >= limiter.limits().downAfterS * 1000) usedUp += 1;
            break;
          case "transient":
            limiter.failed(slot, message);
            usedUp += 1;
            break;
        }
        if (usedUp >= limiter.limits().attempts && limiter.hasAnsweredLately()) {
          const reason = `no answer in ${attempts} attempts; the last: ${message}`;
          return keep(outcome({ status: "failed", reason }, unknownUsage));
        }
        if (fault.kind === "transient") {
          await pause(backoffMs(usedUp) * random(), [signal, ended]);
        }
        continue;
      }
      trial.isPassed = true;
      return kept(outcome({ status: "ok", text: reply.text }, reply.usage));
    }
  };

  const send = async (
    endpoint: Endpoint,
    payload: ChatPayload,
    key: string,
    signal: AbortSignal,
  ): Promise<ChatCall> => {
    const { provider, price, limiter } = endpoint;
    const { model, promptVersion } = payload;
    const most = mostUsage(payload);
    const release = await budget.reserve(costUsd(most, price), signal);
    const leave = limiter.arrive();
    try {
      const keep = async (outcome: Outcome): Promise<StoredAnswer> => {
        const { answer, usage, latencyMs, attempts } = outcome;
        const paidUsd = costUsd(usage, price);
        const stored = {
          key,
          model,
          promptVersion,
          answer,
          usage,
          latencyMs,
          attempts,
          costUsd: paidUsd,
        };
        if (isRemembered(endpoint, answer)) {
          const charged = paidUsd ?? costUsd(likelyUsage(outcome, most), price);
          await cache.put(stored, charged ?? undefined);
        }
        return stored;
      };
      const stored = await attempt(endpoint, payload, allTokens(most) ?? 0, signal, keep);
      return { ...stored, provider, isCached: false };
    } finally {
      leave();
      release();
    }
  };

  const fly = async (
    endpoint: Endpoint,
    payload: ChatPayload,
    key: string,
    signal: AbortSignal,
  ): Promise<ChatCall> => {
    try {
      const known = await cache.get(key);
      if (known) return { ...known, provider: endpoint.provider, isCached: true };
      return await send(endpoint, payload, key, signal);
    } finally {
      flights.delete(key);
    }
  };

  return async (endpoint, payload, signal) => {
    const key = payloadKey(payload);
    const signals = [signal, endpoint.limiter.ended];
    for (;;) {
      signal.throwIfAborted();
      endpoint.limiter.ended.throwIfAborted();
      const shared = flights.get(key);
      if (!shared) {
        const call = fly(endpoint, payload, key, signal);
        flights.set(key, { call, signal });
        return groups.guard(signals, call);
      }
      try {
        return { ...(await groups.guard(signals, shared.call)), isCached: true };
      } catch (thrown) {
        // Whoever sent it gave up; that is no reason for this one to.
        if (!shared.signal.aborted || signal.aborted) throw thrown;
      }
    }
  };
}

/** Ends an endpoint that refuses its first prompts, all of them. */
function noteFirstPrompts(
  { trial, limiter, name }: Endpoint,
  fault: AnswerFault,
  reason: string,
): void {
  if (fault !== "rejected") trial.isPassed = true;
  if (trial.isPassed) return;
  trial.rejected += 1;
  if (trial.rejected === 1) trial.firstReason = reason;
  if (trial.rejected < trialPrompts) return;
  limiter.end(
    new FlowError(
      "PROVIDER_FAILED",
      `${name}: refused the first ${trial.rejected} prompts and answered none. The first reason: ${trial.firstReason}. ` +
        "Mend the role's settings or the server, and run again.",
    ),
  );
}

/** Refusals only once something was answered: until then the endpoint may be set up wrongly and answer them when mended. */
function isRemembered({ trial }: Endpoint, { status }: ChatCall["answer"]): boolean {
  return status === "rejected" ? trial.isPassed : status !== "failed";
}

/** Tokens of an answer that came without a count; none where the prompt was refused. */
function likelyUsage({ answer }: Outcome, most: Usage): Usage {
  switch (answer.status) {
    case "rejected":
      return { promptTokens: 0, completionTokens: 0, cachedTokens: null };
    case "ok":
      return { ...most, completionTokens: estimatedTokens(answer.text.length) };
    default:
      return most;
  }
}
