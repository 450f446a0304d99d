/** @file Settings are written to the run folder and the report, so none may hold a key. */
import { FlowError } from "../base/errors.ts";
import { toJson, type Json } from "../base/json.ts";
import { isSecretHeader, isSecretName, looksLikeKey, secretInUrl } from "../base/key-shapes.ts";

/** A setting that holds what looks like a key. */
interface SecretSetting {
  readonly path: readonly string[];
  readonly message: string;
}

const header =
  'headers: { NAME: "${VARIABLE}" }, and export VARIABLE=… in the shell that starts r4ec';

/**
 * Refuses settings that hold what looks like a key, before anything is written.
 *
 * @throws `CONFIG_INVALID` naming each setting, never its value, and how an environment variable takes its place
 */
export function refuseSecrets(settings: object): void {
  const found = secretsIn(toJson(settings), []);
  if (found.length === 0) return;
  const told = found.map(({ path, message }) => `${path.join(".")} ${message}`);
  throw new FlowError(
    "CONFIG_INVALID",
    `${[...new Set(told)].join("\n")}\nThe settings are written to the run folder and the report; nothing has been written yet.`,
  );
}

/** The settings with `***` for what {@link refuseSecrets} would refuse: runs made before it did may hold keys. */
export function maskSecrets(settings: object): Json {
  const json = toJson(settings);
  const found = new Set(secretsIn(json, []).map(({ path }) => JSON.stringify(path)));
  const mask = (value: Json, path: readonly string[]): Json => {
    if (found.has(JSON.stringify(path))) return "***";
    if (value === null || typeof value !== "object") return value;
    if (isList(value)) return value.map((member, place) => mask(member, [...path, String(place)]));
    const members = Object.entries(value);
    return Object.fromEntries(members.map(([key, member]) => [key, mask(member, [...path, key])]));
  };
  return found.size === 0 ? json : mask(json, []);
}

function secretsIn(value: Json, path: readonly string[]): readonly SecretSetting[] {
  if (typeof value === "string") {
    const message = faultOf(value, path);
    return message === null ? [] : [{ path, message }];
  }
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, member]) => secretsIn(member, [...path, key]));
}

/** Why a setting may not hold this text; null when it may. */
function faultOf(text: string, path: readonly string[]): string | null {
  const [place, name = ""] = path.slice(-2);
  if (name === "apiKeyEnv" && looksLikeKey(text)) {
    return "takes the name of an environment variable, and this looks like a key: export OPENAI_API_KEY=…, and name that variable";
  }
  if (place === "headers") {
    const isSecret = isSecretHeader(name) ? literalOf(text) !== "" : looksLikeKey(text);
    if (isSecret) {
      return `holds what looks like a key: put it into an environment variable, "\${VARIABLE}" stands for its value. ${header.replace("NAME", name)}`;
    }
  }
  if (place === "env_vars") {
    const isSecret = isSecretName(name) ? literalOf(text) !== "" : looksLikeKey(text);
    if (isSecret) {
      return 'holds what looks like a key: "${VARIABLE}" stands for the value of an environment variable where r4ec is started';
    }
  }
  const extra = path.indexOf("extra");
  if (
    extra >= 0 &&
    text !== "" &&
    (path.slice(extra + 1).some(isSecretName) || looksLikeKey(text))
  ) {
    return `holds what looks like a key: send it as a header instead, from an environment variable: ${header}`;
  }
  const found = secretInUrl(text);
  if (found === null) return null;
  const cure =
    path[0] === "dataset"
      ? "download the file and give its path"
      : `send it as a header: ${header}`;
  return found === "user"
    ? `holds a URL with a user or password: take it out, and ${cure}`
    : `holds a URL whose parameter ${found.parameter} looks like a key: take it out, and ${cure}`;
}

/** What stands in an authorising header besides environment variables, the scheme and the usual words for "no key". */
function literalOf(value: string): string {
  return value
    .replace(/\$\{[^}]*\}/g, "")
    .trim()
    .replace(/^(?:bearer|basic|token|apikey|key|negotiate)\b/i, "")
    .trim()
    .replace(/^(?:no-?key|none|null|empty|dummy|unused|not-?needed|sk-no-key-required|:)$/i, "");
}

function isList(value: readonly Json[] | object): value is readonly Json[] {
  return Array.isArray(value);
}
