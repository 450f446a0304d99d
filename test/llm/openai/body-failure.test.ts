import { describe, expect, test } from "vitest";
import { readBody } from "../../../src/llm/openai/body-failure.ts";
import type { Failure } from "../../../src/llm/openai/http-failure.ts";

const names = {
  url: "http://h:1",
  model: "m",
  keySource: "variable KEY",
  fieldCure: "leave it out",
};

function failureOf(body: unknown, url = names.url): Failure {
  const read = readBody(body, { ...names, url }, 0);
  if (!("fault" in read)) throw new Error(`read ${JSON.stringify(read.json)}`);
  return read;
}

function reasonOf({ fault, message }: Failure): string {
  return fault.kind === "setup" ? fault.reason : message;
}

describe("readBody", () => {
  test.each([
    ["a completion as text", '{"choices":[]}', { choices: [] }],
    ["a completion as JSON", { choices: [] }, { choices: [] }],
    ["an answer with an empty error", '{"choices":[],"error":null}', { choices: [], error: null }],
    [
      "an answer that has an error beside it",
      { choices: [1], error: "late" },
      { choices: [1], error: "late" },
    ],
    ["half of one, for its reader to tell", '{"choices":[', '{"choices":['],
    ["a text", "hello", "hello"],
    ["nothing", "", ""],
  ])("passes on %s", (_, body, json) => {
    expect(readBody(body, names, 0)).toEqual({ json });
  });

  test.each([
    [
      "<!doctype html><html><head><title>Some\n UI</title>",
      "Fix it; it mostly ends in /v1. What came is a web page, “Some UI”",
    ],
    ["\n <html><body>sign in</body></html>", "baseUrl is the address of a page or a login"],
    ['<?xml version="1.0"?><Error/>', "What came is a web page"],
    ['data: {"choices":[]}\n\ndata: [DONE]\n\n', "switch streaming off at the server"],
    [": keep-alive\n\ndata: {}\n\n", "switch streaming off"],
    ["event: message\ndata: {}\n\n", "switch streaming off"],
    ['{"error":"Unexpected endpoint. (POST /chat/completions)"}', "(http://h:1/v1)"],
    [
      '{"error":{"message":"no such route"}}',
      "an error. Should baseUrl not end in /v1? (http://h:1/v1). The error: no such route",
    ],
  ])("tells what %j is, with its cure, while nothing was answered", (body, told) => {
    const failure = failureOf(body);
    expect(failure.fault).toMatchObject({ kind: "setup", later: { kind: "transient" } });
    expect(reasonOf(failure)).toContain(told);
    expect(failure.message).not.toContain("h:1");
  });

  test("does not ask for a /v1 that is there", () => {
    expect(reasonOf(failureOf('{"error":"odd"}', "http://h:1/v1"))).toContain(
      "Check baseUrl and the server",
    );
  });

  test.each([
    [{ code: 402, message: "no credits left" }, "fatal", "quota or credit is used up"],
    [{ code: "401", message: "who are you" }, "fatal", "refuses the key from variable KEY"],
    [{ code: 404, message: "no such model" }, "fatal", "has no model m"],
    [{ code: "insufficient_quota", message: "pay" }, "fatal", "quota or credit is used up"],
    [{ type: "invalid_api_key", message: "key" }, "fatal", "refuses the key"],
    [{ code: 429, message: "slow" }, "busy", "answered 429: slow"],
    [{ code: 502, message: "upstream" }, "transient", "answered 502: upstream"],
    [{ code: 403, message: "flagged" }, "setup", "or a firewall the request"],
    [{ code: 400, message: "too long" }, "prompt", "the server answered 400: too long"],
  ] as const)("takes an error of %j in a body of 200 by its code", (error, kind, told) => {
    const failure = failureOf({ error });
    expect(failure.fault.kind).toBe(kind);
    expect(reasonOf(failure)).toContain(told);
  });
});
