import { pattern, sentenceEnd, type Filled, type Pattern } from "./pattern.ts";

/**
 * One checkable statement: `{ kind: "likes", attribute: "genre", value: "Drama" }`. Statements that are not about an
 * attribute name what they are about instead (`attribute: "title"`).
 */
export interface Claim<Kind extends string = string> {
  readonly kind: Kind;
  readonly attribute: string;
  readonly value: string;
}

/** A sentence and the claims it makes, in both directions. */
export interface Form<Kind extends string> {
  readonly pattern: Pattern;
  /** The fillings that say those of `claims` which this form is for; none when there are none. */
  readonly fill: (claims: readonly Claim[]) => readonly Filled[];
  readonly read: (filled: Filled) => readonly Claim<Kind>[];
}

/** The sentences of one kind of text. */
export interface Grammar<Kind extends string> {
  /** Sentences in the order of the forms, claims of a sentence in the order given. */
  readonly print: (claims: readonly Claim<Kind>[]) => string;
  /** The claims of a text, and the sentences that are not of this grammar. */
  readonly parse: (text: string) => {
    readonly claims: readonly Claim<Kind>[];
    readonly unread: readonly string[];
  };
  /** Reads one sentence at `at`. */
  readonly match: (
    text: string,
    at: number,
  ) => { readonly claims: readonly Claim<Kind>[]; readonly end: number } | undefined;
}

/** A grammar of the given forms. No two of them may match the same sentence with different claims. */
export function grammar<Kind extends string>(forms: readonly Form<Kind>[]): Grammar<Kind> {
  const match: Grammar<Kind>["match"] = (text, at) => {
    for (const form of forms) {
      const found = form.pattern.match(text, at);
      if (found !== undefined) return { claims: form.read(found.filled), end: found.end };
    }
    return undefined;
  };
  return {
    print: (claims) =>
      forms
        .flatMap((form) => form.fill(claims).map((filled) => form.pattern.print(filled)))
        .join(" "),
    parse: (text) => {
      const claims: Claim<Kind>[] = [];
      const unread: string[] = [];
      for (let at = skipBlank(text, 0); at < text.length; at = skipBlank(text, at)) {
        const found = match(text, at);
        const end = found?.end ?? sentenceEnd(text, at);
        if (found === undefined) unread.push(text.slice(at, end).trim());
        else claims.push(...found.claims);
        at = end;
      }
      return { claims, unread };
    },
    match,
  };
}

/** A fixed sentence that makes one claim. */
export function fixedForm<Kind extends string>(claim: Claim<Kind>, sentence: string): Form<Kind> {
  return {
    pattern: pattern(sentence),
    fill: (claims) => (claims.some((other) => sameClaim(other, claim)) ? [{}] : []),
    read: () => [claim],
  };
}

/** A sentence that lists all values claimed of one attribute, in the slot `values`. */
export function listForm<Kind extends string>(
  kind: Kind,
  attribute: string,
  template: string,
): Form<Kind> {
  return {
    pattern: pattern(template),
    fill: (claims) => {
      const values = valuesOf(claims, kind, attribute);
      return values.length === 0 ? [] : [{ values }];
    },
    read: ({ values = [] }) => values.map((value) => ({ kind, attribute, value })),
  };
}

/**
 * A sentence for each attribute that has no wording of its own: slots `name` (the attribute) and `values`.
 *
 * @param except - attributes with their own {@link listForm}
 */
function anyAttributeForm<Kind extends string>(
  kind: Kind,
  except: ReadonlySet<string>,
  template: string,
): Form<Kind> {
  return {
    pattern: pattern(template),
    fill: (claims) => {
      const names = claims.filter((claim) => claim.kind === kind && !except.has(claim.attribute));
      return [...new Set(names.map((claim) => claim.attribute))].map((name) => ({
        name: [name],
        values: valuesOf(claims, kind, name),
      }));
    },
    read: ({ name = [], values = [] }) =>
      values.map((value) => ({ kind, attribute: name[0] ?? "", value })),
  };
}

/** Wording of one kind of claim: attribute name to template, and `*` for all other attributes. */
export type Wording = Readonly<Record<string, string>> & { readonly "*": string };

/** The forms of one kind of claim, one for each attribute with a wording of its own and one for the others. */
export function wordedForms<Kind extends string>(
  kind: Kind,
  wording: Wording,
): readonly Form<Kind>[] {
  const own = Object.entries(wording).filter(([attribute]) => attribute !== "*");
  return [
    ...own.map(([attribute, template]) => listForm(kind, attribute, template)),
    anyAttributeForm(kind, new Set(own.map(([attribute]) => attribute)), wording["*"]),
  ];
}

/** Whether two claims say the same. */
export function sameClaim(one: Claim, other: Claim): boolean {
  return one.kind === other.kind && one.attribute === other.attribute && one.value === other.value;
}

/** The claims, each once, at its first place. */
export function uniqueClaims<Kind extends string>(claims: readonly Claim<Kind>[]): Claim<Kind>[] {
  return claims.filter(
    (claim, place) => claims.findIndex((other) => sameClaim(claim, other)) === place,
  );
}

function valuesOf(claims: readonly Claim[], kind: string, attribute: string): readonly string[] {
  return claims
    .filter((claim) => claim.kind === kind && claim.attribute === attribute)
    .map((claim) => claim.value);
}

function skipBlank(text: string, at: number): number {
  let next = at;
  while (next < text.length && /\s/u.test(text.charAt(next))) next += 1;
  return next;
}
