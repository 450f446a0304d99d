/** @file Keys and headers from the environment, which only this file of llm reads, and how to keep them out of messages. */

import { BlockList, isIP } from "node:net";
import { env } from "node:process";
import { FlowError } from "../base/errors.ts";
import type { EndpointSettings } from "./settings.ts";

/** What is sent to an endpoint and must appear nowhere else. */
export interface Secrets {
  /** Names in lower case. Includes `authorization`, unless a header in the settings authorises. */
  readonly headers: Readonly<Record<string, string>>;
  /** Where the key comes from and how to set it, for messages. */
  readonly source: string;
  /** Removes all secrets from a message, and whatever looks like a key; then cuts it to 500 characters, so that no part of one is left. */
  readonly redact: (text: string) => string;
  /** Removes the values of environment variables from an answer, and changes nothing else in it. */
  readonly mask: (text: string) => string;
}

/** Sent to a local server without a key; most of them ignore it. */
const placeholder = "no-key";
const authorising = ["authorization", "api-key"];
/** Shorter values are no secrets; removing them would only garble messages. */
const leastSecretLength = 4;
/** Longer messages are quotes of what a server said. */
const longestMessage = 500;
/** Shorter values may be words of an answer. */
const leastEchoLength = 8;

/**
 * Reads the key and the headers of an endpoint.
 *
 * @throws FlowError `CONFIG_INVALID` naming the variable that is not set, or the header that cannot be sent
 */
export function readSecrets(
  settings: Pick<EndpointSettings, "apiKeyEnv" | "headers" | "baseUrl">,
  environment: Readonly<Record<string, string | undefined>> = env,
): Secrets {
  const secrets = new Set<string>();
  const fromEnvironment = new Set<string>();
  const headers: Record<string, string> = {};
  for (const [name, template] of Object.entries(settings.headers)) {
    const value = expand(template, name, environment, fromEnvironment);
    secrets.add(value);
    headers[name.toLowerCase()] = value;
  }
  const own = authorising.find((name) => name in headers);
  if (own === undefined) {
    const key = readKey(settings, environment);
    if (key !== placeholder) fromEnvironment.add(key);
    headers["authorization"] = `Bearer ${key}`;
  }
  for (const [name, value] of Object.entries(headers)) checkHeader(name, value);
  const source =
    own === undefined
      ? `environment variable ${settings.apiKeyEnv} (export ${settings.apiKeyEnv}=…, in the shell that starts the run)`
      : `header ${own} (set the variable it names, in the shell that starts the run)`;
  const remove = remover([...secrets, ...fromEnvironment], leastSecretLength);
  return {
    headers,
    source,
    redact: (text) => messageOf(remove(text)),
    mask: remover([...fromEnvironment], leastEchoLength),
  };
}

function readKey(
  { apiKeyEnv, baseUrl }: Pick<EndpointSettings, "apiKeyEnv" | "baseUrl">,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  const key = environment[apiKeyEnv]?.trim() ?? "";
  if (key !== "") return key;
  const remote = [baseUrl].flat().find((url) => !isPrivate(new URL(url).hostname));
  if (remote === undefined) return placeholder;
  throw new FlowError(
    "CONFIG_INVALID",
    `environment variable ${apiKeyEnv} is not set, and ${new URL(remote).host} needs a key: export ${apiKeyEnv}=…, ` +
      "or name another variable by apiKeyEnv.",
  );
}

function expand(
  template: string,
  header: string,
  environment: Readonly<Record<string, string | undefined>>,
  secrets: Set<string>,
): string {
  return template.replace(/\$\{([^}]*)\}/g, (_whole, name: string) => {
    const value = environment[name]?.trim() ?? "";
    if (value === "") {
      throw new FlowError(
        "CONFIG_INVALID",
        `headers.${header} uses environment variable ${name}, which is not set: export ${name}=…, or take the header out.`,
      );
    }
    secrets.add(value);
    return value;
  });
}

function checkHeader(name: string, value: string): void {
  if (/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name) && /^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return;
  throw new FlowError(
    "CONFIG_INVALID",
    `header ${name} cannot be sent: its name, or the value of the variable behind it, holds a character that headers cannot carry.`,
  );
}

/** Replaces every secret, also as JSON, in URLs and as base64. */
function remover(secrets: readonly string[], leastLength: number): (text: string) => string {
  const long = secrets.filter((secret) => secret.length >= leastLength);
  const shown = long.flatMap((secret) => [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    Buffer.from(secret).toString("base64"),
  ]);
  const longestFirst = [...new Set(shown)].sort((one, other) => other.length - one.length);
  return (text) => longestFirst.reduce((clean, secret) => clean.replaceAll(secret, "***"), text);
}

/** A message without whatever looks like a key, which a server may have shortened; cut after that, to 500 characters. */
export function messageOf(text: string): string {
  return text
    .replace(/\bBearer\s+[^\s"',;]+/gi, "Bearer ***")
    .replace(/\bsk-[\w*.-]{4,}/g, "***")
    .slice(0, longestMessage);
}

const privateNetworks = new BlockList();
for (const [network, prefix] of [
  ["127.0.0.0", 8],
  ["10.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["169.254.0.0", 16],
  ["100.64.0.0", 10],
] as const) {
  privateNetworks.addSubnet(network, prefix, "ipv4");
}
privateNetworks.addAddress("0.0.0.0", "ipv4");
privateNetworks.addAddress("::1", "ipv6");
privateNetworks.addSubnet("fc00::", 7, "ipv6");
privateNetworks.addSubnet("fe80::", 10, "ipv6");

/** Whether a host is on this machine or in a private network, which includes names without a dot or under .local or .internal. */
export function isPrivate(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, "");
  const version = isIP(host);
  if (version !== 0) return privateNetworks.check(host, version === 4 ? "ipv4" : "ipv6");
  return !host.includes(".") || /\.(?:local|internal|localhost)$/.test(host);
}
