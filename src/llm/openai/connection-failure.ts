import type { Failure } from "./http-failure.ts";
import type { NameLookups } from "./name-lookups.ts";
import type { Proxy } from "./proxy-of.ts";

/** Where the connection went. */
export interface Connection {
  /** Without the query. */
  readonly url: string;
  readonly proxy: Proxy | null;
  /** Those of its host. */
  readonly lookups: NameLookups;
}

/** Codes of certificates that are not trusted, expired, or another host's. */
const certificate =
  /^(?:CERT_|DEPTH_ZERO_SELF_SIGNED|SELF_SIGNED|UNABLE_TO_|ERR_TLS_CERT|HOSTNAME_MISMATCH|INVALID_CA|PATH_LENGTH|ERROR_IN_CERT)/;

/** Codes of connections that never were: nothing was sent, and nothing can have been charged. */
const unsent = /^(?:ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|UND_ERR_CONNECT)/;

/** Why a connection failed, and whether that can pass by itself. */
export function connectionFailure(cause: unknown, { url, proxy, lookups }: Connection): Failure {
  const code = codeOf(cause);
  const by = proxy === null ? "" : ` through the proxy ${proxy.name} of ${proxy.variable}`;
  const message = `the connection to ${url}${by} failed: ${reasonOf(cause, code)}`;
  const { hostname } = new URL(url);
  const setup = (cure: string): Failure => ({
    fault: { kind: "setup", later: { kind: "transient" }, reason: `${message}. ${cure}` },
    message,
  });
  if (certificate.test(code)) {
    return setup(
      `The certificate of ${proxy === null ? hostname : "the server or the proxy"} is not trusted. Where it is your own, name the file of its ` +
        "authority in the environment variable NODE_EXTRA_CA_CERTS",
    );
  }
  if (/^(?:ERR_SSL_|EPROTO)/.test(code)) {
    return setup(
      url.startsWith("https:")
        ? "The server does not speak TLS here: does its baseUrl start with http:// ?"
        : "Check baseUrl",
    );
  }
  if (code.startsWith("HPE_") || (cause instanceof Error && cause.name === "HTTPParserError")) {
    return setup("What answers there is no web server: check host and port of baseUrl");
  }
  const isUnsent = unsent.test(code) || message.includes("HTTP Tunneling");
  if (proxy !== null && isUnsent) {
    return setup(
      `Check ${proxy.variable}, or put ${hostname} into NO_PROXY to go there without a proxy`,
    );
  }
  if (code === "ENOTFOUND") {
    return setup(`There is no host ${hostname}: check baseUrl, and this machine's network`);
  }
  if (code !== "EAI_AGAIN") lookups.worked();
  else if (lookups.failed()) {
    return setup(
      `No name server tells where ${hostname} is: check this machine's network and name server, and baseUrl`,
    );
  }
  return { fault: { kind: "transient", mayBePaid: !isUnsent }, message };
}

function codeOf(cause: unknown): string {
  if (!(cause instanceof Error)) return "";
  if ("code" in cause && typeof cause.code === "string" && !cause.code.startsWith("UND_ERR_PRX")) {
    return cause.code;
  }
  // A host with several addresses, none of which answers.
  if (cause instanceof AggregateError) return codeOf(cause.errors[0]);
  return codeOf(cause.cause);
}

function reasonOf(cause: unknown, code: string): string {
  if (!(cause instanceof Error)) return "no reason given";
  const text = cause.message === "" ? "no reason given" : cause.message;
  return code === "" || text.includes(code) ? text : `${text} (${code})`;
}
