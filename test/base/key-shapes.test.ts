import { describe, expect, test } from "vitest";
import {
  isSecretHeader,
  isSecretName,
  looksLikeKey,
  secretInUrl,
} from "../../src/base/key-shapes.ts";

describe("looksLikeKey", () => {
  test.each([
    "sk-proj-Zq81Lm27Xw93Rt54",
    "hf_QwErTyUiOpAsDfGhJkLz",
    "ghp_0aB1cD2eF3gH4iJ5kL6mN7",
    "AKIAZZ11YY22XX33WW44",
    "AIzaZx-0123456789abcdefghijABCDEFGHIJ",
    "eyJhbGciOi.eyJzdWIiOiIx.c2ln",
    "Bearer abcdefgh1",
    "-----BEGIN RSA PRIVATE KEY-----",
    "9f8e7d6c5b4a39281706f5e4d3c2b1a0",
    "kT7mQ2xV9bR4wN8pL3sD6fH1jZ5cY0gA",
  ])("%s does", (text) => {
    expect(looksLikeKey(text)).toBe(true);
  });

  test.each([
    "Bearer ${TOKEN}",
    "meta-llama/Llama-3.3-70B-Instruct-Turbo-2024-12-06",
    "my-very-long-experiment-name-2024-01-01-run-7",
    "AnExperimentOfManyWordsWithoutAnySpaces2024",
    "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
    "org-AbCdEf1234567890AbCdEf12",
    "/data/models/adapters/films_v2/checkpoint-12000/adapter.safetensors",
    "{% for message in messages %}{{ message.content }}{% endfor %}",
    "sk-learn",
    "1111111111111111111111111111111111111111",
  ])("%s does not", (text) => {
    expect(looksLikeKey(text)).toBe(false);
  });
});

describe("isSecretName", () => {
  test.each([
    ...["api_key", "apiKey", "api-key", "key", "token", "access_token", "X-Auth-Token"],
    ...["clientSecret", "aws_secret_access_key", "password", "Cookie", "X-Amz-Signature", "sig"],
    ...["Ocp-Apim-Subscription-Key", "x-functions-key", "Authorization", "proxy-authorization"],
  ])("%s is one", (name) => {
    expect(isSecretName(name)).toBe(true);
  });

  test.each([
    ...["max_tokens", "prompt_cache_key", "eos_token", "skip_special_tokens", "top_k", "user"],
    ...["api-version", "stop_token", "tokenizer", "keyword", "add_generation_prompt"],
  ])("%s is none", (name) => {
    expect(isSecretName(name)).toBe(false);
  });

  test("as a header, any name that ends in key, token or auth is one", () => {
    expect(["x-portal-key", "Helicone-Auth", "x-run-token"].every(isSecretHeader)).toBe(true);
    expect(["x-title", "Idempotency-Key", "x-cache-key", "http-referer"].some(isSecretHeader)).toBe(
      false,
    );
  });
});

describe("secretInUrl", () => {
  test.each([
    ["https://me:word@h/v1", "user"],
    ["openai:BAAI/m3@https://me@h/v1", "user"],
    ["s3://bucket/a.csv?s3_secret_access_key=x", { parameter: "s3_secret_access_key" }],
    ["https://h/v1?api-version=1&key=x", { parameter: "key" }],
    ["https://h/v1?code=9f8e7d6c5b4a39281706f5e4d3c2b1a0", { parameter: "code" }],
  ])("finds it in %s", (text, found) => {
    expect(secretInUrl(text)).toEqual(found);
  });

  test.each([
    "https://h/v1?api-version=2024-10-21",
    "openai:BAAI/bge-m3@http://127.0.0.1:8000/v1",
    "s3://bucket/prefix@2/part.parquet",
    "data/key=1/a.csv",
    "mail me@example.org",
  ])("finds none in %s", (text) => {
    expect(secretInUrl(text)).toBeNull();
  });
});
