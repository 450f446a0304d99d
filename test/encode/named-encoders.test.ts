import { describe, expect, test } from "vitest";
import { namedEncoders } from "../../src/encode/named-encoders.ts";
import { encodeBlock } from "../../src/encode/settings.ts";

const labels = (encoder: unknown): readonly string[] =>
  namedEncoders(encodeBlock.parse({ encoder })).map(({ label }) => label);

describe("namedEncoders", () => {
  test("calls an encoder by its preset, folder or model", () => {
    expect(labels("bundled")).toEqual(["bundled"]);
    expect(
      labels([
        "bge-m3",
        "./encoders/my e5",
        "openai:BAAI/bge-m3@http://127.0.0.1:1/v1",
        "openai:text-embedding-3-small@https://api.openai.com/v1",
        "openai:BAAI/bge-m3@http://127.0.0.1:2/v1",
      ]),
    ).toEqual(["bge-m3", "my-e5", "bge-m3-2", "text-embedding-3-small", "bge-m3-3"]);
  });

  test("gives each the common settings", () => {
    const block = encodeBlock.parse({ encoder: ["bundled", "./x"], batchTokens: 7 });
    expect(namedEncoders(block).map(({ settings }) => settings)).toMatchObject([
      { encoder: "bundled", batchTokens: 7 },
      { encoder: "./x", batchTokens: 7 },
    ]);
  });
});
