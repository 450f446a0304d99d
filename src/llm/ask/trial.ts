import { FlowError } from "../../base/errors.ts";
import type { AnswerFault, PresentFault, TransportError } from "../chat.ts";
import type { Limiter } from "./limiter.ts";

/** How the requests of a session go: tells a wrong setting, which fails every request, from single bad prompts. */
export interface Trial {
  /** Whether earlier sessions of the run have answers. */
  readonly hasHistory: boolean;
  /** Whether the callers watch how their prompts end, and end the run themselves. */
  readonly isWatched: boolean;
  /** Whether the endpoint has answered in this session. */
  isPassed: boolean;
  /** Prompts refused before the first answer. */
  rejected: number;
  firstReason: string;
  /** Prompts without an answer since the last one, but for those that are refused for what they contain. */
  unansweredInRow: number;
}

/** The run stops after this many refused prompts without a single answer. */
const trialPrompts = 20;
/** With this many in a row it is no longer the prompts. */
const mostInRow = 100;

/** Before the first request of a session. */
export function newTrial(session: Pick<Trial, "hasHistory" | "isWatched">): Trial {
  return { ...session, isPassed: false, rejected: 0, firstReason: "", unansweredInRow: 0 };
}

/** Whether a prompt that got only errors may be the reason for them: the endpoint has answered others, and not long ago. */
export function mayBePrompt({ hasHistory, isPassed, unansweredInRow }: Trial): boolean {
  return (hasHistory || isPassed) && unansweredInRow < mostInRow;
}

/** The fault as it counts now, and the reason: what looks like a wrong setting is one as long as nothing was answered. */
export function presentFault(
  { fault, message }: TransportError,
  trial: Trial,
): { readonly fault: PresentFault; readonly message: string } {
  if (fault.kind !== "setup") return { fault, message };
  const { later, reason } = fault;
  const hasWorked = later.kind === "prompt" ? mayBePrompt(trial) : trial.isPassed;
  if (hasWorked) return { fault: later, message };
  const mayBePaid = later.kind === "prompt" && later.fault === "failed";
  return { fault: { kind: "fatal", mayBePaid }, message: reason };
}

/** Counts a prompt that is done with. Gives up on an endpoint that refuses all of its first prompts. */
export function noteOutcome(
  {
    trial,
    limiter,
    name,
  }: { readonly trial: Trial; readonly limiter: Limiter; readonly name: string },
  status: AnswerFault | "ok",
  reason: string,
): void {
  if (status === "failed") {
    trial.unansweredInRow += 1;
    return;
  }
  if (status !== "rejected") {
    trial.isPassed = true;
    trial.unansweredInRow = 0;
    return;
  }
  if (trial.isPassed || trial.hasHistory || trial.isWatched) return;
  trial.rejected += 1;
  if (trial.rejected === 1) trial.firstReason = reason;
  if (trial.rejected < trialPrompts) return;
  limiter.end(
    new FlowError(
      "PROVIDER_FAILED",
      `${name}: refused the first ${trial.rejected} prompts and answered none. The first reason: ${trial.firstReason}. ` +
        "Fix the role's settings or the server, and run again.",
    ),
  );
}
