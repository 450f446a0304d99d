import { stringify } from "yaml";

/** A YAML file of sections, each with a comment above it. */
export function yamlSections(
  sections: readonly (readonly [about: string, keys: object])[],
): string {
  return sections
    .map(([about, keys]) => `# ${about}\n${stringify(keys, { lineWidth: 0 })}`)
    .join("\n");
}
