import { spawnSync } from "node:child_process";
import { mkdir, readlink, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";

/** A process of this machine that has ended, as owners of temporary folders are named. */
export const deadOwner = {
  pid: spawnSync(process.execPath, ["--version"]).pid,
  host: hostname(),
  born: "1",
  space: await readlink("/proc/self/ns/pid").catch(() => ""),
};

/** Makes the temporary folder of a killed process, with a file in it. */
export async function leaveAbandoned(
  parent: string,
  name: string,
  owner: unknown = deadOwner,
): Promise<void> {
  await mkdir(join(parent, name), { recursive: true });
  await writeFile(join(parent, name, "spill"), "");
  if (owner !== null) {
    await writeFile(join(parent, name, "r4ec-owner.json"), JSON.stringify(owner));
  }
}
