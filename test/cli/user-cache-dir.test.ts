import { homedir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { userCacheDir } from "../../src/cli/user-cache-dir.ts";

test("userCacheDir follows XDG_CACHE_HOME, else the platform's custom", () => {
  expect(userCacheDir("linux", { XDG_CACHE_HOME: "/var/cache/me" })).toBe("/var/cache/me/r4ec");
  expect(userCacheDir("linux", { XDG_CACHE_HOME: "" })).toBe(join(homedir(), ".cache", "r4ec"));
  expect(userCacheDir("darwin", {})).toBe(join(homedir(), "Library", "Caches", "r4ec"));
  expect(userCacheDir("win32", { LOCALAPPDATA: "C:\\Local" })).toContain("r4ec");
});
