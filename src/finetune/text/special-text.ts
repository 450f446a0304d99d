import type { AddedToken } from "./tokenizer-content.ts";

/** A piece of a text: a special token, or ordinary text between such. */
export type Section = { readonly special: AddedToken } | { readonly text: string };

/** Cuts texts at special tokens, and hides what only looks like one. */
export interface SpecialText {
  /**
   * Replaces special tokens in messages by signs that occur in none of them.
   *
   * @returns The messages' texts, and what puts the original text back
   */
  readonly hide: (texts: readonly string[]) => {
    readonly hidden: readonly string[];
    readonly reveal: (text: string) => string;
  };
  /** In order; ordinary text is never empty. */
  readonly cut: (text: string) => readonly Section[];
}

/** First and last of the characters that have no meaning of their own (Unicode's private use area). */
const firstSign = 0xe000;
const lastSign = 0xf8ff;

/** @param tokens - Special tokens; where several begin at the same place, the longest counts */
export function specialText(tokens: readonly AddedToken[]): SpecialText {
  const longestFirst = tokens.toSorted((a, b) => b.content.length - a.content.length);
  const byContent = new Map(longestFirst.map((token) => [token.content, token]));
  const contents = [...byContent.keys()];
  const pattern = new RegExp(contents.map(escapeRegExp).join("|") || "(?!)", "gu");
  return {
    hide: (texts) => {
      const sign = unusedSign(texts);
      return {
        hidden: texts.map((text) =>
          text.replace(pattern, (found) => `${sign}${contents.indexOf(found)}${sign}`),
        ),
        reveal: (text) =>
          text.replace(
            new RegExp(`${sign}(\\d+)${sign}`, "gu"),
            (_, index: string) => contents[Number(index)] ?? "",
          ),
      };
    },
    cut: (text) => {
      const sections: Section[] = [];
      let at = 0;
      const addText = (end: number, next?: AddedToken): void => {
        const last = sections.at(-1);
        let between = text.slice(at, end);
        if (last !== undefined && "special" in last && last.special.rstrip) {
          between = between.trimStart();
        }
        if (next?.lstrip === true) between = between.trimEnd();
        if (between !== "") sections.push({ text: between });
      };
      for (const { 0: found, index } of text.matchAll(pattern)) {
        const special = byContent.get(found);
        if (special === undefined) continue;
        addText(index, special);
        sections.push({ special });
        at = index + found.length;
      }
      addText(text.length);
      return sections;
    },
  };
}

function unusedSign(texts: readonly string[]): string {
  for (let code = firstSign; code <= lastSign; code++) {
    const sign = String.fromCharCode(code);
    if (texts.every((text) => !text.includes(sign))) return sign;
  }
  throw new RangeError("every character of the private use area occurs in the texts");
}

const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
