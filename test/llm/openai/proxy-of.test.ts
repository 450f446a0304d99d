import { describe, expect, test } from "vitest";
import { proxyOf } from "../../../src/llm/openai/proxy-of.ts";

const named = (address: string, environment: Readonly<Record<string, string>>): string | null => {
  const proxy = proxyOf(new URL(address), environment);
  return proxy && `${proxy.variable} ${proxy.name}`;
};

describe("proxyOf", () => {
  test.each([
    ["https://api.example.com/v1", { HTTPS_PROXY: "http://p:3128" }, "HTTPS_PROXY http://p:3128"],
    ["https://api.example.com/v1", { HTTP_PROXY: "http://p:3128" }, null],
    ["http://models.example.com/v1", { HTTP_PROXY: "http://p:3128" }, "HTTP_PROXY http://p:3128"],
    ["http://models.example.com/v1", { HTTPS_PROXY: "http://p:3128" }, null],
    ["https://a.example.com", { ALL_PROXY: "socks5://p:1080" }, "ALL_PROXY socks5://p:1080"],
    [
      "https://a.example.com",
      { https_proxy: "http://low:1", HTTPS_PROXY: "http://up:1" },
      "https_proxy http://low:1",
    ],
    ["https://a.example.com", { HTTPS_PROXY: "p:3128" }, "HTTPS_PROXY http://p:3128"],
    [
      "https://a.example.com",
      { HTTPS_PROXY: "http://me:word@p:3128" },
      "HTTPS_PROXY http://p:3128",
    ],
    ["https://a.example.com", { HTTPS_PROXY: "  " }, null],
    ["https://a.example.com", {}, null],
  ])("%s with %j goes by %s", (address, environment, expected) => {
    expect(named(address, environment)).toBe(expected);
  });

  test.each([
    ["http://localhost:8000/v1", ""],
    ["http://127.0.0.1:8000/v1", ""],
    ["http://127.8.9.1/v1", ""],
    ["http://[::1]:8000/v1", ""],
    ["http://models.example.com/v1", "*"],
    ["http://models.example.com/v1", "other.org, models.example.com"],
    ["http://models.example.com/v1", "example.com"],
    ["http://models.example.com/v1", ".example.com"],
    ["http://models.example.com/v1", "*.example.com"],
    ["http://models.example.com:8000/v1", "models.example.com:8000"],
    ["http://MODELS.example.com/v1", "Example.COM"],
    ["http://10.1.2.3:8000/v1", "10.0.0.0/8"],
    ["http://[fd00::5]:8000/v1", "fd00::/8"],
    ["http://[fd00::5]:8000/v1", "[fd00::5]:8000"],
  ])("%s goes directly with NO_PROXY=%s", (address, noProxy) => {
    expect(named(address, { HTTP_PROXY: "http://p:1", NO_PROXY: noProxy })).toBeNull();
  });

  test.each([
    ["http://models.example.com/v1", "ample.com"],
    ["http://models.example.com:8000/v1", "models.example.com:9000"],
    ["http://11.1.2.3/v1", "10.0.0.0/8"],
    ["http://10.1.2.3/v1", "10.0.0.0/99"],
    ["http://models.example.com/v1", "10.0.0.0/8"],
  ])("%s does not with NO_PROXY=%s", (address, noProxy) => {
    expect(named(address, { HTTP_PROXY: "http://p:1", no_proxy: noProxy })).toBe(
      "HTTP_PROXY http://p:1",
    );
  });

  test.each(["http://", "ftp://p:21", "http://p:99999"])("refuses %s by name", (value) => {
    expect(() => named("https://a.example.com", { HTTPS_PROXY: value })).toThrow(
      /HTTPS_PROXY holds no address of a proxy .* put a\.example\.com into NO_PROXY/,
    );
  });
});
