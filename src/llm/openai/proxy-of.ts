import { BlockList, isIP } from "node:net";
import { env } from "node:process";
import { FlowError } from "../../base/errors.ts";

/** A proxy, and who named it. */
export interface Proxy {
  /** May hold a name and a password. */
  readonly url: URL;
  /** Without them, for messages. */
  readonly name: string;
  /** The environment variable. */
  readonly variable: string;
}

/**
 * The proxy that the environment names for an address: `HTTPS_PROXY` or `HTTP_PROXY` by its scheme, else `ALL_PROXY`; in lower case they
 * come first. This machine itself, and what `NO_PROXY` names (hosts, domains, networks, `*`), is reached without one.
 *
 * @throws FlowError `CONFIG_INVALID` for a variable that holds no address
 */
export function proxyOf(
  address: URL,
  environment: Readonly<Record<string, string | undefined>> = env,
): Proxy | null {
  const scheme = address.protocol === "https:" ? "https_proxy" : "http_proxy";
  const variable = [scheme, "all_proxy"]
    .flatMap((name) => [name, name.toUpperCase()])
    .find((name) => (environment[name]?.trim() ?? "") !== "");
  if (variable === undefined || isExempt(address, environment)) return null;
  const text = environment[variable]?.trim() ?? "";
  const full = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.canParse(full) ? new URL(full) : null;
  if (url === null || !/^(?:https?|socks5?):$/.test(url.protocol)) {
    throw new FlowError(
      "CONFIG_INVALID",
      `environment variable ${variable} holds no address of a proxy such as http://HOST:PORT: fix it, or put ${address.hostname} into NO_PROXY.`,
    );
  }
  return { url, name: `${url.protocol}//${url.host}`, variable };
}

function isExempt(
  { hostname, port, protocol }: URL,
  environment: Readonly<Record<string, string | undefined>>,
): boolean {
  const host = hostname.replace(/^\[|\]$/g, "").toLowerCase();
  if (host === "localhost" || host.endsWith(".localhost") || host === "::1") return true;
  if (isIP(host) === 4 && host.startsWith("127.")) return true;
  const ownPort = port === "" ? (protocol === "https:" ? "443" : "80") : port;
  const list = environment["no_proxy"] ?? environment["NO_PROXY"] ?? "";
  return list
    .toLowerCase()
    .split(/[,\s]+/)
    .some((entry) => entry !== "" && names(entry, host, ownPort));
}

function names(entry: string, host: string, ownPort: string): boolean {
  if (entry === "*") return true;
  const [, network = "", prefix = ""] = /^([\d.]+|[\da-f:]+)\/(\d{1,3})$/.exec(entry) ?? [];
  if (network !== "") return isInNetwork(host, network, Number(prefix));
  const [, name = entry, entryPort = ownPort] = /^\[?([^[\]]+?)\]?:(\d+)$/.exec(entry) ?? [];
  const plain = name.replace(/^\*?\./, "").replace(/^\[|\]$/g, "");
  return entryPort === ownPort && (host === plain || host.endsWith(`.${plain}`));
}

function isInNetwork(host: string, network: string, prefix: number): boolean {
  const version = isIP(network);
  if (version === 0 || isIP(host) !== version || prefix > (version === 4 ? 32 : 128)) return false;
  const family = version === 4 ? "ipv4" : "ipv6";
  const list = new BlockList();
  list.addSubnet(network, prefix, family);
  return list.check(host, family);
}
