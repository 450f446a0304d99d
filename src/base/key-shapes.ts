/** @file What keys, tokens and passwords look like, so that they are neither written down nor shown. */

/** Keys that their makers mark as such. */
const marked = [
  /\bsk-[\w-]{16,}/,
  /\b[sprt]k_(?:live|test)_\w{10,}/,
  /\bgh[oprsu]_\w{20,}/,
  /\bgithub_pat_\w{20,}/,
  /\bglpat-[\w-]{16,}/,
  /\b(?:hf|gsk|r8|fw|xai|pplx|nvapi|dapi|key|lsv2)[_-]\w{20,}/,
  /\bxox[a-z]-[\w-]{10,}/,
  /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/,
  /\bAIza[\w-]{30,}/,
  /\bya29\.[\w-]{20,}/,
  /\beyJ[\w-]{6,}\.[\w-]{6,}\./,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /\b(?:Bearer|Basic)\s+(?!\$\{)[^\s"']{8,}/i,
] as const;

const uuid = /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi;
const longRun = /[\w+/=-]{32,}/g;
const leastChanges = 0.25;

/** Whether a text holds what only a key looks like: a maker's mark, or 32 characters of letters and digits without words in them. */
export function looksLikeKey(text: string): boolean {
  if (marked.some((shape) => shape.test(text))) return true;
  return (text.replace(uuid, "").match(longRun) ?? []).some(
    (run) => changesIn(run) >= run.length * leastChanges,
  );
}

/** Neighbours of different kinds: many in random characters, few in words, also in CamelCase ones. */
function changesIn(run: string): number {
  let changes = 0;
  for (let place = 1; place < run.length; place++) {
    const [before, after] = [kindOf(run.charAt(place - 1)), kindOf(run.charAt(place))];
    if (before === "other" || after === "other" || before === after) continue;
    if (before !== "upper" || after !== "lower") changes += 1;
  }
  return changes;
}

function kindOf(character: string): "digit" | "lower" | "upper" | "other" {
  if (/[0-9]/.test(character)) return "digit";
  if (/[a-z]/.test(character)) return "lower";
  return /[A-Z]/.test(character) ? "upper" : "other";
}

const secretWords = new Set(
  "authorization apikey password passwd passphrase pwd secret credential credentials cookie signature bearer jwt".split(
    " ",
  ),
);
const kindsOfKey = new Set(
  "access api auth bearer functions master private refresh sas security service session shared subscription virtual".split(
    " ",
  ),
);

/** Whether a field of this name holds a key or the like: `api_key`, `X-Auth-Token`, `clientSecret`; but not `prompt_cache_key`, `max_tokens`. */
export function isSecretName(name: string): boolean {
  const words = wordsOf(name);
  if (words.some((word) => secretWords.has(word))) return true;
  const [before, last] = words.slice(-2).length === 2 ? words.slice(-2) : [undefined, words[0]];
  if (last === "auth" || last === "sig") return true;
  return (last === "key" || last === "token") && (before === undefined || kindsOfKey.has(before));
}

/** Whether a header of this name authorises: any name that ends in key, token or auth does. */
export function isSecretHeader(name: string): boolean {
  const words = wordsOf(name);
  const isHarmless = words.includes("idempotency") || words.includes("cache");
  return isSecretName(name) || (/^(?:key|token|auth)$/.test(words.at(-1) ?? "") && !isHarmless);
}

function wordsOf(name: string): readonly string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
}

const url = /\b[a-z][a-z0-9+.-]*:\/\/([^\s/?#"']*)[^\s?#"']*(\?[^\s#"']*)?/gi;

/** The text with `***` for each URL if one of them holds a secret. */
export function withoutSecretUrls(text: string): string {
  return secretInUrl(text) === null ? text : text.replace(url, "***");
}

/** What a URL in a text holds of secrets: a user or password before its host, or a query parameter, by name; null for none. */
export function secretInUrl(text: string): "user" | { readonly parameter: string } | null {
  for (const [, authority = "", query = ""] of text.matchAll(url)) {
    if (authority.includes("@")) return "user";
    for (const [parameter, value] of new URLSearchParams(query)) {
      if (isSecretName(parameter) || looksLikeKey(value)) return { parameter };
    }
  }
  return null;
}
