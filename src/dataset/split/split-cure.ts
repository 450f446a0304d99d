import type { Protocol } from "../../base/terms.ts";
import type { SamplesSettings } from "../settings.ts";

/** The settings that say where the splits lie: of shares and dates only those in force. None of the reference protocol, which has its own. */
export function settingsInForce(
  protocol: Protocol,
  { validFrom, testFrom, gap }: SamplesSettings,
): readonly string[] {
  if (protocol === "reference") return [];
  return [
    ...(protocol === "paper" ? [] : [validFrom === undefined ? "validShare" : "validFrom"]),
    testFrom === undefined ? "testShare" : "testFrom",
    ...(gap === undefined ? [] : ["gap"]),
  ].map((name) => `samples.${name}`);
}

/** What to do about a split without rows, in words. */
export function splitCure(protocol: Protocol, samples: SamplesSettings): string {
  const settings = settingsInForce(protocol, samples);
  if (settings.length === 0) {
    return "Use more data or a smaller contexts.history; the splits of protocol reference are fixed shares of each user's events.";
  }
  return `Use more data, a smaller contexts.history, or change ${listed(settings)}.`;
}

/** "a, b or c". */
function listed(names: readonly string[]): string {
  const last = names.at(-1) ?? "";
  return names.length < 2 ? last : `${names.slice(0, -1).join(", ")} or ${last}`;
}
