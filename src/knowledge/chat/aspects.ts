import type { DomainNouns } from "../domain-nouns.ts";

/** What to look at in the items of a domain. */
export interface Aspects {
  /** In the items themselves. */
  readonly ofItem: string;
  /** In what a person makes of them. */
  readonly ofTaste: string;
}

const screen: Aspects = {
  ofItem:
    "genre, director and cast, country, kind of characters, plot and theme, tone, how it was received, and whatever else its attributes in the data say",
  ofTaste:
    "genre, director and cast, period and country, kind of characters, plot and theme, tone, acclaim, and whatever else the attributes in the data say",
};

const print: Aspects = {
  ofItem:
    "genre, author, style of writing, theme, setting, and whatever else its attributes in the data say",
  ofTaste:
    "genre, author, style of writing, theme, setting, and whatever else the attributes in the data say",
};

const general: Aspects = {
  ofItem: "each of its attributes in the data, what it is for, its style, and its standing",
  ofTaste: "each of the attributes in the data, purpose, style, and standing",
};

const screenNouns = /(?:^|[ -])(?:film|movie|picture|series|show|anime|documentary)$/u;
const printNouns = /(?:^|[ -])(?:book|novel|audiobook|comic|manga|story)$/u;

/** The aspects of a domain by its item noun: films, books, and for anything else the attributes that come with the items. */
export function aspectsOf({ item }: DomainNouns): Aspects {
  if (screenNouns.test(item)) return screen;
  return printNouns.test(item) ? print : general;
}
