import type { AnswerForm } from "./answer-form.ts";
import type { Construction } from "./parse-construction.ts";
import type { Judged } from "./parse-judgement.ts";

/** A judgement as the reflect prompts ask for it: what a reflector is trained to answer. Read back by `parseJudgement`. */
export function printJudgement({ judgement, reflection }: Judged, form: AnswerForm): string {
  return printed({ judgement, reflection: reflection ?? "" }, form);
}

/** A text and a verdict as the construction prompts ask for them. Read back by `parseConstruction`. */
export function printConstruction({ text, verdict }: Construction, form: AnswerForm): string {
  return printed({ knowledge: text, verdict }, form);
}

function printed(parts: Readonly<Record<string, string>>, form: AnswerForm): string {
  if (form === "schema") return JSON.stringify(parts);
  return Object.entries(parts)
    .map(([name, value]) => `<${name}>${value}</${name}>`)
    .join("\n");
}
