/** @file How answers of more than one part are asked for: in tags, or as JSON that the server enforces by a schema. */

import type { AnswerSchema } from "../../llm/chat.ts";

/** Tags, or JSON by schema. */
export type AnswerForm = "tags" | "schema";

/** The form of one kind of answer: how it is asked for, how a second time, and what the server enforces. */
export interface FormText {
  /** The last paragraph of the instructions. */
  readonly instruction: string;
  /** Added to the question when an answer could not be read. */
  readonly reminder: string;
  readonly schema: AnswerSchema | null;
}

const again = "An earlier answer to this question could not be read.";

/** One plain text, `what` it is being "description". */
export function plainForm(what: string): FormText {
  return {
    instruction: `Answer with the ${what} alone: one plain text of about 200 words, without a heading, a list or an introduction.`,
    reminder: `${again} Answer with the ${what} alone, as plain text.`,
    schema: null,
  };
}

/** A judgement and, when it is unreasonable, a reflection. */
export function judgementForm(form: AnswerForm): FormText {
  const meaning =
    'The judgement is the one word "reasonable" or "unreasonable". The reflection says, in at most 200 words, what is wrong and how ' +
    "to put it right; for a reasonable description it is empty.";
  if (form === "schema") {
    return {
      instruction: `${meaning}\nAnswer with one JSON object and nothing else: {"judgement": "...", "reflection": "..."}`,
      reminder: `${again} Answer with one JSON object and nothing else, with the fields "judgement" and "reflection".`,
      schema: objectSchema("judgement", {
        judgement: { type: "string", enum: ["reasonable", "unreasonable"] },
        reflection: { type: "string" },
      }),
    };
  }
  return {
    instruction: `${meaning}\nAnswer in exactly this form and with nothing else:\n<judgement>...</judgement>\n<reflection>...</reflection>`,
    reminder: `${again} Answer with <judgement>...</judgement> and <reflection>...</reflection> and nothing else.`,
    schema: null,
  };
}

/** A description and a verdict on the target, one of two words. */
export function constructionForm(
  form: AnswerForm,
  verdicts: readonly [positive: string, negative: string],
): FormText {
  const meaning = `The knowledge is the description: one plain text of about 200 words. The verdict is the one word "${verdicts[0]}" or "${verdicts[1]}".`;
  if (form === "schema") {
    return {
      instruction: `${meaning}\nAnswer with one JSON object and nothing else: {"knowledge": "...", "verdict": "..."}`,
      reminder: `${again} Answer with one JSON object and nothing else, with the fields "knowledge" and "verdict".`,
      schema: objectSchema("construction", {
        knowledge: { type: "string" },
        verdict: { type: "string", enum: [...verdicts] },
      }),
    };
  }
  return {
    instruction: `${meaning}\nAnswer in exactly this form and with nothing else:\n<knowledge>...</knowledge>\n<verdict>...</verdict>`,
    reminder: `${again} Answer with <knowledge>...</knowledge> and <verdict>...</verdict> and nothing else.`,
    schema: null,
  };
}

function objectSchema(
  name: string,
  properties: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>,
): AnswerSchema {
  return {
    name,
    schema: {
      type: "object",
      properties,
      required: Object.keys(properties),
      additionalProperties: false,
    },
  };
}
