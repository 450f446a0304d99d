import { homedir } from "node:os";
import { join } from "node:path";

/** Where this user's programs keep what they can make again: `XDG_CACHE_HOME`, or what the platform has in its place. */
export function userCacheDir(
  platform: NodeJS.Platform = process.platform,
  env: Readonly<Record<string, string | undefined>> = process.env,
): string {
  const { XDG_CACHE_HOME: xdg, LOCALAPPDATA: local } = env;
  if (xdg !== undefined && xdg !== "") return join(xdg, "r4ec");
  if (platform === "win32" && local !== undefined) return join(local, "r4ec", "cache");
  return platform === "darwin"
    ? join(homedir(), "Library", "Caches", "r4ec")
    : join(homedir(), ".cache", "r4ec");
}
