import { describe, expect, test } from "vitest";
import { freeMemory } from "../../src/base/free-memory.ts";

const machine = { freeBytes: 8_000, totalBytes: 16_000 };

/** Memory as a process sees it whose machine has just these files. */
function memoryWith(files: Readonly<Record<string, string>>): ReturnType<typeof freeMemory> {
  return freeMemory({ ...machine, read: (path) => files[path] ?? null });
}

const second = "36 25 0:31 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n";
const first =
  "40 31 0:40 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n41 31 0:41 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n";

describe("freeMemory", () => {
  test("without control groups is the machine's", () => {
    expect(memoryWith({})).toEqual(machine);
  });

  test("in a container of version 2, whose group looks like the root", () => {
    expect(
      memoryWith({
        "/proc/self/mountinfo": second,
        "/proc/self/cgroup": "0::/\n",
        "/sys/fs/cgroup/memory.max": "1500\n",
        "/sys/fs/cgroup/memory.current": "700\n",
        "/sys/fs/cgroup/memory.stat": "anon 300\ninactive_file 400\nactive_file 0\n",
      }),
    ).toEqual({ freeBytes: 1200, totalBytes: 1500 });
  });

  test("is what the tightest of nested groups has left", () => {
    expect(
      memoryWith({
        "/proc/self/mountinfo": second,
        "/proc/self/cgroup": "0::/user.slice/job/step\n",
        "/sys/fs/cgroup/user.slice/memory.max": "5000\n",
        "/sys/fs/cgroup/user.slice/memory.current": "4500\n",
        "/sys/fs/cgroup/user.slice/job/memory.max": "2000\n",
        "/sys/fs/cgroup/user.slice/job/memory.current": "100\n",
        "/sys/fs/cgroup/user.slice/job/step/memory.max": "max\n",
        "/sys/fs/cgroup/user.slice/job/step/memory.current": "100\n",
      }),
    ).toEqual({ freeBytes: 500, totalBytes: 2000 });
  });

  test("memory.high counts too: beyond it a group is slowed down", () => {
    expect(
      memoryWith({
        "/proc/self/mountinfo": second,
        "/proc/self/cgroup": "0::/job\n",
        "/sys/fs/cgroup/job/memory.max": "2000\n",
        "/sys/fs/cgroup/job/memory.high": "900\n",
        "/sys/fs/cgroup/job/memory.current": "100\n",
      }),
    ).toEqual({ freeBytes: 800, totalBytes: 900 });
  });

  test("in version 1, beside other controllers and an empty version 2", () => {
    expect(
      memoryWith({
        "/proc/self/mountinfo": `${first}42 31 0:42 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n`,
        "/proc/self/cgroup": "9:cpu:/other\n4:memory:/jobs/a\n0::/\n",
        "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
        "/sys/fs/cgroup/memory/memory.usage_in_bytes": "9000\n",
        "/sys/fs/cgroup/memory/jobs/a/memory.limit_in_bytes": "3000\n",
        "/sys/fs/cgroup/memory/jobs/a/memory.usage_in_bytes": "1000\n",
        "/sys/fs/cgroup/memory/jobs/a/memory.stat": "inactive_file 1\ntotal_inactive_file 250\n",
      }),
    ).toEqual({ freeBytes: 2250, totalBytes: 3000 });
  });

  test("in a container of version 1 whose path only the host knows", () => {
    const files = {
      "/proc/self/cgroup": "4:memory:/docker/1234\n",
      "/sys/fs/cgroup/memory/memory.limit_in_bytes": "1000\n",
      "/sys/fs/cgroup/memory/memory.usage_in_bytes": "100\n",
    };
    const mounted = first.replace("0:41 /", "0:41 /docker/1234");
    const expected = { freeBytes: 900, totalBytes: 1000 };
    expect(memoryWith({ ...files, "/proc/self/mountinfo": first })).toEqual(expected);
    expect(memoryWith({ ...files, "/proc/self/mountinfo": mounted })).toEqual(expected);
    const moved = { ...files, "/proc/self/cgroup": "4:memory:/../other\n" };
    expect(memoryWith({ ...moved, "/proc/self/mountinfo": mounted })).toEqual(expected);
  });

  test("a group that is over its limit has nothing left", () => {
    expect(
      memoryWith({
        "/proc/self/mountinfo": second,
        "/proc/self/cgroup": "0::/\n",
        "/sys/fs/cgroup/memory.max": "100\n",
        "/sys/fs/cgroup/memory.current": "150\n",
      }),
    ).toEqual({ freeBytes: 0, totalBytes: 100 });
  });

  test("on this machine is a sensible amount", () => {
    const { freeBytes, totalBytes } = freeMemory();
    expect(freeBytes).toBeGreaterThan(0);
    expect(totalBytes).toBeGreaterThanOrEqual(freeBytes);
  });
});
