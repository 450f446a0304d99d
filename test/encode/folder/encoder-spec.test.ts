import { describe, expect, test } from "vitest";
import { encoderSpec } from "../../../src/encode/folder/encoder-spec.ts";

describe("encoderSpec", () => {
  test.each([
    ["bundled", { kind: "bundled" }],
    ["bge-m3", { kind: "preset", name: "bge-m3" }],
    ["./mine", { kind: "folder", path: "./mine" }],
    ["models/bge", { kind: "folder", path: "models/bge" }],
    ["..", { kind: "folder", path: ".." }],
    ["C:\\models\\bge", { kind: "folder", path: "C:\\models\\bge" }],
    [
      "openai:BAAI/bge-m3@http://127.0.0.1:8000/v1/",
      { kind: "openai", model: "BAAI/bge-m3", baseUrl: "http://127.0.0.1:8000/v1" },
    ],
    [
      "openai:team@2/e5@https://host/v1",
      { kind: "openai", model: "team@2/e5", baseUrl: "https://host/v1" },
    ],
  ])("reads %s", (text, spec) => {
    expect(encoderSpec(text)).toEqual(spec);
  });

  test.each([
    ["", /there is no encoder ""; expected bundled, bge-m3/],
    ["bge", /there is no encoder "bge"/],
    ["openai:", /expected openai:MODEL@BASE_URL/],
    ["openai:text-embedding-3-small", /expected openai:MODEL@BASE_URL/],
    ["openai:m@ftp://host", /expected openai:MODEL@BASE_URL/],
  ])("refuses %j, saying what is expected", (text, message) => {
    expect(() => encoderSpec(text)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
    expect(() => encoderSpec(text)).toThrow(message);
  });
});
