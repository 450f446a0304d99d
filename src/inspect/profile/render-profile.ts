import { renderPage } from "../../page/page.ts";
import { attributesSection } from "./attributes-section.ts";
import { contextsSection } from "./contexts-section.ts";
import { countsSection } from "./counts-section.ts";
import type { ProfileData } from "./profile-data.ts";
import { sourceSection } from "./source-section.ts";
import { splitsSection } from "./splits-section.ts";
import { timeSection } from "./time-section.ts";

/** Facts about a run that its tables do not hold. */
export interface ProfileFacts {
  /** Name of the run. */
  readonly name: string;
  readonly protocol: string;
  /** Description of the source. */
  readonly source: string;
}

/** The profile of a dataset as one HTML file. */
export async function renderProfile(facts: ProfileFacts, data: ProfileData): Promise<string> {
  const source = sourceSection(data);
  const attributes = await attributesSection(data);
  return renderPage({
    kind: "r4ec profile",
    title: facts.name,
    subtitle: `${facts.source} · protocol ${facts.protocol}`,
    warning: null,
    sections: [
      ["counts", "Counts"],
      ...(source === null ? [] : [["source", "Left out"] as const]),
      ["time", "Over time"],
      ["splits", "Splits"],
      ["contexts", "Contexts"],
      ...(attributes === null ? [] : [["attributes", "Attributes"] as const]),
    ],
    content: [
      await countsSection(data),
      source,
      await timeSection(data),
      await splitsSection(data),
      await contextsSection(data),
      attributes,
    ],
  });
}
