/** @file Memory that this process may still take: of the machine, or of the smallest of the control groups (containers) around it. */
import { readFileSync } from "node:fs";
import { freemem, totalmem } from "node:os";
import { posix } from "node:path";

/** Memory, bytes. */
export interface Memory {
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** Where memory is read from. */
export interface MemoryPlace extends Memory {
  /** A small text file's content; null when it cannot be read. */
  readonly read: (path: string) => string | null;
}

/** How one version of control groups names its files. */
interface GroupFiles {
  readonly limits: readonly string[];
  readonly used: string;
  /** In `memory.stat`: pages of files, which are given back when memory is short. */
  readonly reclaimable: string;
}

const version1: GroupFiles = {
  limits: ["memory.limit_in_bytes"],
  used: "memory.usage_in_bytes",
  reclaimable: "total_inactive_file",
};
const version2: GroupFiles = {
  limits: ["memory.max", "memory.high"],
  used: "memory.current",
  reclaimable: "inactive_file",
};

/** The smaller of the machine's free memory and what each control group around this process has left, in version 1 and 2. */
export function freeMemory(place: MemoryPlace = thisMachine()): Memory {
  const groups = groupFolders(place.read).flatMap(({ folder, files }) => {
    const memory = memoryOf(folder, files, place.read);
    return memory === null ? [] : [memory];
  });
  return {
    freeBytes: Math.min(place.freeBytes, ...groups.map(({ freeBytes }) => freeBytes)),
    totalBytes: Math.min(place.totalBytes, ...groups.map(({ totalBytes }) => totalBytes)),
  };
}

function thisMachine(): MemoryPlace {
  return {
    freeBytes: freemem(),
    totalBytes: totalmem(),
    read: (path) => {
      try {
        return readFileSync(path, "utf8");
      } catch {
        return null; // not Linux, no such group, or not ours to read
      }
    },
  };
}

/** The folders of this process's groups and of all groups above them. */
function groupFolders(
  read: MemoryPlace["read"],
): readonly { readonly folder: string; readonly files: GroupFiles }[] {
  const mounts = mountsOf(read("/proc/self/mountinfo") ?? "");
  const lines = (read("/proc/self/cgroup") ?? "").split("\n");
  return lines.flatMap((line) => {
    const [, hierarchy, controllers, path] = /^(\d+):([^:]*):(\/.*)$/.exec(line) ?? [];
    if (path === undefined || controllers === undefined) return [];
    const isSecond = hierarchy === "0" && controllers === "";
    if (!isSecond && !controllers.split(",").includes("memory")) return [];
    const files = isSecond ? version2 : version1;
    return mounts
      .filter((mount) => mount.isSecond === isSecond)
      .flatMap(({ root, point }) => {
        // A container may see its own group as the root of the mount, under a path that only the host knows.
        const below = posix.relative(root, path);
        const inside = below.startsWith("..") ? "" : below;
        return upwards(inside).map((part) => ({ folder: posix.join(point, part), files }));
      });
  });
}

/** "a/b" as "a/b", "a", "". */
function upwards(path: string): readonly string[] {
  const parts = path.split("/").filter((part) => part !== "");
  return Array.from({ length: parts.length + 1 }, (_, cut) =>
    parts.slice(0, parts.length - cut).join("/"),
  );
}

interface Mount {
  /** The group that is mounted. */
  readonly root: string;
  /** The folder where it is. */
  readonly point: string;
  readonly isSecond: boolean;
}

/** The mounts of control groups that count memory; see proc_pid_mountinfo(5). */
function mountsOf(mountinfo: string): readonly Mount[] {
  return mountinfo.split("\n").flatMap((line): readonly Mount[] => {
    const [mount = "", filesystem = ""] = line.split(" - ");
    const [, , , root, point] = mount.split(" ");
    const [type, , options = ""] = filesystem.split(" ");
    if (root === undefined || point === undefined) return [];
    if (type === "cgroup2") return [{ root, point, isSecond: true }];
    const countsMemory = type === "cgroup" && options.split(",").includes("memory");
    return countsMemory ? [{ root, point, isSecond: false }] : [];
  });
}

/** Null for a group without a limit. */
function memoryOf(
  folder: string,
  { limits, used, reclaimable }: GroupFiles,
  read: MemoryPlace["read"],
): Memory | null {
  const bytesOf = (text: string | null): number | null =>
    text !== null && /^\d+\s*$/.test(text) ? Number(text) : null; // "max": no limit
  const totalBytes = Math.min(
    ...limits.flatMap((name) => bytesOf(read(posix.join(folder, name))) ?? []),
  );
  if (!Number.isFinite(totalBytes)) return null;
  const usedBytes = bytesOf(read(posix.join(folder, used))) ?? 0;
  const stat = read(posix.join(folder, "memory.stat")) ?? "";
  const [, cached = "0"] = new RegExp(`^${reclaimable} (\\d+)$`, "m").exec(stat) ?? [];
  const takenBytes = Math.max(0, usedBytes - Number(cached));
  return { freeBytes: Math.max(0, totalBytes - takenBytes), totalBytes };
}
