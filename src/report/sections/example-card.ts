import { formatCount } from "../../page/format-number.ts";
import { html, type Html } from "../../page/html.ts";
import { markChanges } from "./mark-changes.ts";
import type { ContextEvent, KnowledgeAnswer, KnowledgeExample } from "../report-details.ts";

/** One user or item: the context, then first text → reflection → refined text. Folded unless `isOpen`. */
export function exampleCard(example: KnowledgeExample, isOpen: boolean): Html {
  const attributes = Object.entries(example.attributes).filter(([, values]) => values.length > 0);
  return html`<details class="example" ${isOpen ? html`open` : null}>
    <summary>
      <strong>${nameOf(example)}</strong> <span class="outcome">${outcomeOf(example.answers)}</span>
    </summary>
    ${
      attributes.length === 0
        ? null
        : html`<p class="note">
            ${attributes.map(([name, values]) => `${name}: ${values.join(", ")}`).join(" · ")}
          </p>`
    }
    ${contextLists(example)} ${stepLists(example.answers)}
  </details>`;
}

/** The steps of each variant, under its name if there are several. */
function stepLists(answers: readonly KnowledgeAnswer[]): readonly Html[] {
  const variants = [...new Set(answers.map(({ variant }) => variant))];
  return variants.map((variant) => {
    const own = answers.filter((answer) => answer.variant === variant);
    return html`${variants.length === 1 ? null : html`<p class="note">${variant}</p>`}
      <ol class="steps">
        ${stepsOf(own)}
      </ol>`;
  });
}

function nameOf({ subject, id, title, year }: KnowledgeExample): string {
  if (title === null) return `${subject === "user" ? "User" : "Item"} ${id}`;
  return year === null || title.includes(`(${year})`) ? title : `${title} (${year})`;
}

function outcomeOf(answers: readonly KnowledgeAnswer[]): string {
  const refinements = answers.filter((answer) => isText(answer) && answer.round > 0).length;
  if (refinements === 0) return "first text kept";
  return refinements === 1 ? "refined once" : `refined ${formatCount(refinements)} times`;
}

const sideNames = {
  history: "the user’s first ratings",
  liker: "earlier ratings by a user who liked it",
  disliker: "earlier ratings by a user who disliked it",
} as const;

function contextLists({ context }: KnowledgeExample): Html | null {
  if (context.length === 0) return null;
  const sides = [...new Set(context.map((event) => event.side))];
  return html`<details class="context">
    <summary>Written from ${sides.map((side) => sideNames[side]).join(", and ")}</summary>
    <div class="sides">
      ${sides.map((side) => contextList(context.filter((event) => event.side === side)))}
    </div>
  </details>`;
}

function contextList(events: readonly ContextEvent[]): Html {
  return html`<ol>
    ${events.map(
      ({ title, rating }) =>
        html`<li>
          ${title} ${rating === null ? null : html`<span class="stars">${rating} ★</span>`}
        </li> `,
    )}
  </ol>`;
}

function isText(answer: KnowledgeAnswer): boolean {
  return answer.role === "actor" && answer.text !== null;
}

function stepsOf(answers: readonly KnowledgeAnswer[]): readonly Html[] {
  const texts = answers.filter(isText);
  return answers.map((answer) => {
    if (answer.error !== null) return step("error", "Failed", answer.error);
    if (answer.role === "reflector") return reflectionStep(answer);
    const next = texts[texts.indexOf(answer) + 1];
    const previous = texts[texts.indexOf(answer) - 1];
    return textStep(answer, previous?.text ?? null, next?.text ?? null);
  });
}

function reflectionStep({ judgement, reflection }: KnowledgeAnswer): Html {
  const verdict = judgement === null ? "No verdict" : `Judged ${judgement}`;
  return step(
    judgement === "reasonable" ? "good" : "bad",
    `Reflection: ${verdict.toLowerCase()}`,
    reflection,
  );
}

/** A refined text marks what was added; a first text that was refined marks what was removed. */
function textStep(answer: KnowledgeAnswer, before: string | null, after: string | null): Html {
  const text = answer.text ?? "";
  const title = answer.round === 0 ? "First text" : "Refined text";
  const label = answer.isFinal ? `${title}, encoded` : title;
  const marked =
    before !== null
      ? markChanges(before, text).after
      : after !== null
        ? markChanges(text, after).before
        : text;
  return step("text", label, marked);
}

function step(kind: string, title: string, content: Html | string | null): Html {
  return html`<li class="step ${kind}">
    <h4>${title}</h4>
    ${content === null ? null : html`<p class="said">${content}</p>`}
  </li> `;
}
