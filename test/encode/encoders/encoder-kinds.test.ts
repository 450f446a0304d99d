import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { encodeSettings } from "../../../src/encode/settings.ts";
import {
  encoderKinds,
  encoderLabel,
  encoderSpec,
  encoderWidth,
} from "../../../src/encode/encoders/encoder-kinds.ts";
import { scratchFolder } from "../../util/scratch-folder.ts";
import { writeTinyEncoder } from "../tiny-encoder.ts";

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

describe("encoderWidth", () => {
  const server = "openai:m@http://127.0.0.1:1/v1";
  test.each([
    ["bundled", {}, 512],
    ["bge-m3", {}, 1024],
    [server, { remote: { dimensions: 256 } }, 256],
    [server, {}, null],
    ["./not/there", {}, null],
  ])("%s with %j", async (encoder, settings, width) => {
    expect(await encoderWidth(encodeSettings.parse({ encoder, ...settings }))).toBe(width);
  });

  test("a folder", async () => {
    const encoder = join(await scratchFolder(), "tiny");
    await writeTinyEncoder(encoder);
    expect(await encoderWidth(encodeSettings.parse({ encoder }))).toBe(2);
  });
});

/** A name of each kind. */
const examples = {
  bundled: "bundled",
  preset: "longformer",
  openai: "openai:BAAI/bge m3@http://127.0.0.1:8000/v1",
  folder: "./encoders/my e5",
} as const satisfies Record<keyof typeof encoderKinds, string>;

describe.each(Object.entries(examples))("encoder kind %s", (kind, name) => {
  test("reads its own names and no others", () => {
    expect(encoderSpec(name).kind).toBe(kind);
    const { parse } = encoderKinds[encoderSpec(name).kind];
    for (const [other, otherName] of Object.entries(examples)) {
      if (kind === "folder" && other === "openai") continue; // has slashes; read before folders
      expect(parse(otherName)?.kind).toBe(other === kind ? kind : undefined);
    }
  });

  test("has a label that a variant's name can carry", () => {
    expect(encoderLabel(name)).toMatch(/^[\w.+-]+$/);
  });

  test("says how it is named, in the error about an unknown name", () => {
    const { names } = encoderKinds[encoderSpec(name).kind];
    expect(() => encoderSpec("nothing")).toThrow(names);
  });
});
