/** What each fault that a reflector may find means for one kind of text. */
export interface Faults {
  readonly unsupported: string;
  readonly contradicted: string;
  readonly missing: string;
  readonly vague: string;
}

/**
 * How a reflector judges: the four faults, when they make a text unreasonable, and one short example of a reflection.
 *
 * @param misled - Whom a fault would mislead, and about what
 */
export function rubric(faults: Faults, misled: string, example: string): string {
  const named = Object.entries(faults).map(([fault, meaning]) => `- ${fault}: ${meaning};`);
  return [
    "Look for four faults:",
    ...named.map((line, place) => (place === named.length - 1 ? `${line.slice(0, -1)}.` : line)),
    `It is unreasonable when one of them would mislead ${misled}, and reasonable otherwise. Style does not matter. ` +
      "The reflection takes the faults one by one: its name, the claim, the evidence, and what to write instead.",
    `An example: ${example}`,
  ].join("\n");
}
