import { homedir } from "node:os";
import { join } from "node:path";

/** The user's cache folder of r4ec: in `XDG_CACHE_HOME` or in the platform's equivalent. */
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
