import { describe, expect, test } from "vitest";
import { isPrivate, readSecrets } from "../../src/llm/secrets.ts";

const settings = {
  apiKeyEnv: "KEY_OF_TEST",
  baseUrl: "https://api.example.com/v1",
  headers: {},
};
const key = "marker/key+0123=";

describe("readSecrets", () => {
  test("sends the key as a bearer, without the white space around it", () => {
    const { headers } = readSecrets(settings, { KEY_OF_TEST: ` ${key}\n` });
    expect(headers).toEqual({ authorization: `Bearer ${key}` });
  });

  test.each([{}, { KEY_OF_TEST: " " }])("a remote server without its key is refused: %j", (env) => {
    expect(() => readSecrets(settings, env)).toThrow(
      expect.objectContaining({
        code: "CONFIG_INVALID",
        message:
          "environment variable KEY_OF_TEST is not set, and api.example.com needs a key: export KEY_OF_TEST=…, " +
          "or name another variable by apiKeyEnv.",
      }),
    );
  });

  test("local servers get a placeholder; one remote among them needs the key", () => {
    const local = ["http://127.0.0.1:8000/v1", "http://[::1]:8000/v1", "http://vllm:8000/v1"];
    expect(readSecrets({ ...settings, baseUrl: local }, {}).headers).toEqual({
      authorization: "Bearer no-key",
    });
    expect(() => readSecrets({ ...settings, baseUrl: [...local, settings.baseUrl] }, {})).toThrow(
      "api.example.com needs a key",
    );
  });

  test("an api-key header stands in for the key", () => {
    const headers = { "Api-Key": "${AZURE}", "x-team": "a ${TEAM} b" };
    const env = { AZURE: key, TEAM: "t1", KEY_OF_TEST: "of another service" };
    expect(readSecrets({ ...settings, headers }, env).headers).toEqual({
      "api-key": key,
      "x-team": "a t1 b",
    });
  });

  test("a header's variable must be set", () => {
    const headers = { "api-key": "${AZURE}" };
    expect(() => readSecrets({ ...settings, headers }, {})).toThrow(
      "headers.api-key uses environment variable AZURE, which is not set: export AZURE=…",
    );
  });

  test("what no header can carry is refused without showing it", () => {
    const env = { KEY_OF_TEST: key };
    const bad = (): unknown => readSecrets(settings, { KEY_OF_TEST: "mark\ner" });
    expect(bad).toThrow("header authorization cannot be sent");
    expect(bad).not.toThrow("mark");
    expect(() => readSecrets({ ...settings, headers: { "a b": "c" } }, env)).toThrow("header a b");
  });

  test("cuts a message only once the secrets are out of it, so that no half of one is left", () => {
    const { redact } = readSecrets(settings, { KEY_OF_TEST: "hidden-0123456789" });
    for (let length = 460; length < 520; length += 1) {
      const message = redact(`${"x".repeat(length)} hidden-0123456789 sk-0123456789abcdef end`);
      expect(message.length).toBeLessThanOrEqual(500);
      expect(message).toMatch(/^x+ ?\*{0,3} ?\*{0,3}( e?n?d?)?$/);
    }
  });

  test("redacts every secret, however it is written", () => {
    const headers = { "x-tenant": "${TENANT}", "x-plain": "plain-value" };
    const env = { KEY_OF_TEST: key, TENANT: 'ten"ant' };
    const { redact } = readSecrets({ ...settings, headers }, env);
    const shown = [
      key,
      encodeURIComponent(key),
      Buffer.from(key).toString("base64"),
      'ten"ant',
      JSON.stringify('ten"ant'),
      "plain-value",
      "Bearer some-other-token",
      "sk-proj-abc***xyz",
    ].join(" | ");
    expect(redact(`${shown} | key ${key}${key} end`)).toBe(
      '*** | *** | *** | *** | "***" | *** | Bearer *** | *** | key ****** end',
    );
  });

  test("a longer secret goes before one inside it, and very short ones are left", () => {
    const headers = { "x-a": "${A}", "x-b": "${B}", "x-c": "${C}" };
    const env = { KEY_OF_TEST: key, A: "abcd", B: "abcdef", C: "e" };
    expect(readSecrets({ ...settings, headers }, env).redact("see abcdef")).toBe("see ***");
  });
});

describe("isPrivate", () => {
  test.each([
    "localhost",
    "a.localhost",
    "127.8.9.1",
    "10.1.2.3",
    "172.31.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "0.0.0.0",
    "[::1]",
    "[fd00::1]",
    "[fe80::1]",
    "gpu-node-3",
    "vllm.default.svc.cluster.local",
  ])("%s is", (host) => {
    expect(isPrivate(host)).toBe(true);
  });

  test.each(["api.openai.com", "172.32.0.1", "8.8.8.8", "[2001:db8::1]", "localhost.example.com"])(
    "%s is not",
    (host) => {
      expect(isPrivate(host)).toBe(false);
    },
  );
});
