import { expect, test } from "vitest";
import { shortNames } from "../../src/pipeline/compare/short-names.ts";

test("folders get the last part of their paths, or as many as tell them apart", () => {
  expect(shortNames(["/data/runs/a", "/data/runs/b"])).toEqual(["a", "b"]);
  expect(shortNames(["/x/one/run", "/x/two/run", "/y/z"])).toEqual(["one/run", "two/run", "y/z"]);
  expect(shortNames(["/run", "/x/run"])).toEqual(["/run", "/x/run"]);
});
