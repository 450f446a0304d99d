/** @file Keys that every store can hold: a path below a folder that means the same on each system, and an object's name. */

/** File systems allow 255 bytes for a name, of which unfinished files take up to 41; S3 allows 1,024 for a whole key. */
const mostNameBytes = 210;
const mostKeyBytes = 800;

/** Names of files that are being written: they are in no list. */
const unfinished = /\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.tmp$/;

/** Backslashes, which are separators on some systems, and control characters. */
const refused = /[\\\p{Cc}]/u;

/** Whether a text is the key of a file, and of no unfinished one. */
export function isKey(text: string): boolean {
  return (
    Buffer.byteLength(text) <= mostKeyBytes &&
    text.split("/").every(isName) &&
    !unfinished.test(text)
  );
}

/** @throws TypeError for what is no key: empty names, `.`, `..`, backslashes, control characters, too long */
export function requireKey(key: string): void {
  if (isKey(key)) return;
  throw new TypeError(
    `Expected \`key\` to be names with slashes between them, got ${JSON.stringify(key)}`,
  );
}

/** @throws TypeError for what no key can begin with */
export function requirePrefix(prefix: string): void {
  const names = prefix.split("/");
  const last = names.pop() ?? "";
  const canGoOn = !refused.test(last) && Buffer.byteLength(last) <= mostNameBytes;
  if (canGoOn && names.every(isName)) return;
  throw new TypeError(
    `Expected \`prefix\` to be the beginning of a key, got ${JSON.stringify(prefix)}`,
  );
}

function isName(name: string): boolean {
  return (
    name !== "" &&
    name !== "." &&
    name !== ".." &&
    !refused.test(name) &&
    Buffer.byteLength(name) <= mostNameBytes
  );
}
