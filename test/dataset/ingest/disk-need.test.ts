import { describe, expect, test } from "vitest";
import { diskNeed } from "../../../src/dataset/ingest/disk-need.ts";
import { refuseFullDisk } from "../../../src/tables/refuse-full-disk.ts";
import { scratchFolder } from "../../util/scratch-folder.ts";

describe("diskNeed", () => {
  test("grows with the rows and, for the samples, with the history", () => {
    expect(diskNeed(1_000_000, 0)).toBe(44_000_000);
    expect(diskNeed(1_000_000, 10)).toBe(64_000_000);
    expect(diskNeed(100_000_000, 10)).toBe(6_400_000_000);
  });
});

describe("refuseFullDisk", () => {
  test("lets pass what fits", async () => {
    await expect(refuseFullDisk(await scratchFolder(), 1000, "a run")).resolves.toBeUndefined();
  });

  test("names the bytes needed and free, and the cure", async () => {
    const folder = await scratchFolder();
    const attempt = refuseFullDisk(folder, 1e18 - 200 * 1024 * 1024, "a run on 5 interactions");
    await expect(attempt).rejects.toMatchObject({
      code: "OUTPUT_FAILED",
      message: expect.stringMatching(
        /^\/.*: a run on 5 interactions needs about 1000000000\.00 GB \(1,000,000,000,000,000,000 bytes\) of disk, of which [\d.]+ GB \([\d,]+ bytes\) are free\. Free some space, /,
      ) as unknown,
    });
  });
});
