import type { DomainNouns } from "../domain-nouns.ts";
import {
  fixedForm,
  grammar,
  listForm,
  wordedForms,
  type Claim,
  type Form,
  type Grammar,
} from "./claims.ts";
import { pattern } from "./pattern.ts";

/** What an item's description may claim. `draws` and `deters` are about the tastes of those who like it and do not. */
export type ItemClaimKind = "called" | "dated" | "has" | "draws" | "deters" | "undecided";

/** The claim that no taste sets those who like the item apart from those who do not. */
export const undecidedTaste = { kind: "undecided", attribute: "taste", value: "" } as const;

/** The sentences of an item's description, in the order of telling. */
export function itemGrammar({ item, items, people }: DomainNouns): Grammar<ItemClaimKind> {
  const article = /^[aeiou]/u.test(item) ? "an" : "a";
  return grammar<ItemClaimKind>([
    datedForm(`{title:titles} is ${article} ${item} of the {decade:one}, released in {year:one}.`),
    apart(listForm("called", "title", `{values:titles} is ${article} ${item}.`)),
    apart(listForm("dated", "year", "It was released in {values:and}.")),
    ...wordedForms("has", {
      decade: "It belongs to the {values:and}.",
      director: "It was directed by {values:and}.",
      author: "It was written by {values:and}.",
      "*": "Its {name:name} is {values:and}.",
    }).map(apart),
    ...wordedForms("draws", {
      genre: `It appeals to ${people} who enjoy {values:and} ${items}.`,
      director: `It appeals to ${people} who seek out ${items} directed by {values:and}.`,
      author: `It appeals to ${people} who seek out ${items} written by {values:and}.`,
      decade: `It appeals to ${people} who are at home in ${items} of the {values:and}.`,
      "*": `It appeals to ${people} who enjoy ${items} whose {name:name} is {values:or}.`,
    }),
    ...wordedForms("deters", {
      genre: `It may disappoint fans of {values:and} ${items}.`,
      director: `It may disappoint fans of ${items} directed by {values:and}.`,
      author: `It may disappoint fans of ${items} written by {values:and}.`,
      decade: `It may disappoint fans of ${items} of the {values:and}.`,
      "*": `It may disappoint fans of ${items} whose {name:name} is {values:or}.`,
    }),
    fixedForm(undecidedTaste, `No taste tells those who like it from those who do not.`),
  ]);
}

interface Dating {
  readonly title: string;
  readonly decade: string;
  readonly year: string;
}

/** Title, decade and year in one sentence, where there is one of each. */
function datedForm(template: string): Form<ItemClaimKind> {
  return {
    pattern: pattern(template),
    fill: (claims) => {
      const dating = datingOf(claims);
      return dating === undefined
        ? []
        : [{ title: [dating.title], decade: [dating.decade], year: [dating.year] }];
    },
    read: ({ title = [], decade = [], year = [] }) => [
      ...title.map((value) => ({ kind: "called", attribute: "title", value }) as const),
      ...decade.map((value) => ({ kind: "has", attribute: "decade", value }) as const),
      ...year.map((value) => ({ kind: "dated", attribute: "year", value }) as const),
    ],
  };
}

/** The same form, silent about what {@link datedForm} says. */
function apart(form: Form<ItemClaimKind>): Form<ItemClaimKind> {
  return {
    ...form,
    fill: (claims) =>
      form.fill(
        datingOf(claims) === undefined ? claims : claims.filter((claim) => !isDating(claim)),
      ),
  };
}

function datingOf(claims: readonly Claim[]): Dating | undefined {
  const [title, secondTitle] = valuesOf(claims, "called");
  const [year, secondYear] = valuesOf(claims, "dated");
  const [decade, secondDecade] = valuesOf(
    claims.filter(({ attribute }) => attribute === "decade"),
    "has",
  );
  const isSingle = [secondTitle, secondYear, secondDecade].every((value) => value === undefined);
  return isSingle && title !== undefined && year !== undefined && decade !== undefined
    ? { title, year, decade }
    : undefined;
}

function isDating({ kind, attribute }: Claim): boolean {
  return kind === "called" || kind === "dated" || (kind === "has" && attribute === "decade");
}

function valuesOf(claims: readonly Claim[], kind: ItemClaimKind): string[] {
  return claims.filter((claim) => claim.kind === kind).map(({ value }) => value);
}
