import { describe, expect, test } from "vitest";
import { connectionFailure } from "../../../src/llm/openai/connection-failure.ts";
import { nameLookups } from "../../../src/llm/openai/name-lookups.ts";

const url = "https://models.example.com/v1";
const proxy = {
  url: new URL("http://me:word@p:3128"),
  name: "http://p:3128",
  variable: "HTTPS_PROXY",
};
const direct = { url, proxy: null, lookups: nameLookups(() => 0) };
const coded = (code: string): Error => Object.assign(new Error("it failed"), { code });

describe("connectionFailure", () => {
  test.each([
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "NODE_EXTRA_CA_CERTS"],
    ["SELF_SIGNED_CERT_IN_CHAIN", "NODE_EXTRA_CA_CERTS"],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "NODE_EXTRA_CA_CERTS"],
    ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "NODE_EXTRA_CA_CERTS"],
    ["CERT_HAS_EXPIRED", "certificate of models.example.com is not trusted"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "certificate of models.example.com is not trusted"],
    ["ERR_SSL_WRONG_VERSION_NUMBER", "http://"],
    ["EPROTO", "http://"],
    ["ENOTFOUND", "There is no host models.example.com"],
    ["HPE_INVALID_CONSTANT", "no web server"],
  ])("%s does not mend itself: ends the run with its cure", (code, cure) => {
    const { fault, message } = connectionFailure(coded(code), direct);
    expect(fault).toMatchObject({ kind: "setup", later: { kind: "transient" } });
    expect(fault.kind === "setup" && fault.reason).toContain(cure);
    expect(message).toBe(`the connection to ${url} failed: it failed (${code})`);
  });

  test.each([
    ["ECONNREFUSED", false],
    ["EAI_AGAIN", false],
    ["UND_ERR_CONNECT_TIMEOUT", false],
    ["ECONNRESET", true],
    ["UND_ERR_SOCKET", true],
  ])("%s may pass; the answer may have been charged: %s", (code, mayBePaid) => {
    const { fault } = connectionFailure(coded(code), direct);
    expect(fault).toEqual({ kind: "transient", mayBePaid });
  });

  test("EAI_AGAIN that lasts ends the run with its cure, and passes again after any other answer", () => {
    let nowMs = 0;
    const connection = { ...direct, lookups: nameLookups(() => nowMs) };
    const kindOf = (code: string): string => {
      nowMs += 10_000;
      return connectionFailure(coded(code), connection).fault.kind;
    };
    expect(["EAI_AGAIN", "EAI_AGAIN"].map(kindOf)).toEqual(["transient", "transient"]);
    const { fault } = connectionFailure(coded("EAI_AGAIN"), connection);
    expect(fault.kind).toBe("transient");
    nowMs += 10_000;
    const later = connectionFailure(coded("EAI_AGAIN"), connection).fault;
    expect(later).toMatchObject({ kind: "setup", later: { kind: "transient" } });
    expect(later.kind === "setup" && later.reason).toContain(
      "No name server tells where models.example.com is",
    );
    expect(["ECONNREFUSED", "EAI_AGAIN"].map(kindOf)).toEqual(["transient", "transient"]);
  });

  test("looks for the code in the causes, and in the addresses of a host", () => {
    const wrapped = new Error("fetch failed", { cause: coded("CERT_HAS_EXPIRED") });
    expect(connectionFailure(wrapped, direct).fault.kind).toBe("setup");
    const many = new AggregateError([coded("ECONNREFUSED"), coded("ECONNREFUSED")], "");
    expect(connectionFailure(many, direct)).toEqual({
      fault: { kind: "transient", mayBePaid: false },
      message: `the connection to ${url} failed: no reason given (ECONNREFUSED)`,
    });
    expect(connectionFailure("odd", direct).message).toContain("no reason given");
  });

  test.each([
    coded("ECONNREFUSED"),
    coded("ENOTFOUND"),
    new Error("Proxy response (403) !== 200 when HTTP Tunneling"),
  ])("names a proxy that cannot be passed, without its password: %s", (error) => {
    const { fault, message } = connectionFailure(error, { ...direct, proxy });
    expect(message).toContain("through the proxy http://p:3128 of HTTPS_PROXY failed");
    expect(fault.kind === "setup" && fault.reason).toContain(
      "Check HTTPS_PROXY, or put models.example.com into NO_PROXY",
    );
    expect(JSON.stringify([fault, message])).not.toContain("word");
  });
});
