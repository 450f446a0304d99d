import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { refuseOwnFolders } from "../../src/inspect/refuse-own-folders.ts";
import { scratchFolder } from "../util/scratch-folder.ts";

describe("refuseOwnFolders", () => {
  test("refuses the folders of a run, also those not there yet and behind a link", async () => {
    const folder = await scratchFolder();
    const runDir = join(folder, "run");
    await mkdir(join(runDir, "stages"), { recursive: true });
    await symlink(join(runDir, "stages"), join(folder, "elsewhere"));
    const paths = ["run/stages/a.json", "run/tables/x/a.parquet", "elsewhere/a.csv"];
    for (const path of paths) {
      await expect(refuseOwnFolders(runDir, join(folder, path))).rejects.toMatchObject({
        code: "CONFIG_INVALID",
        message: expect.stringMatching(/where the run keeps its own files; choose/) as unknown,
      });
    }
  });

  test.each(["a.csv", "run.csv", "run/a.csv", "runs/new/a.csv", "..run/a.csv"])(
    "accepts %s",
    async (path) => {
      const folder = await scratchFolder();
      await mkdir(join(folder, "run"));
      await refuseOwnFolders(join(folder, "run"), join(folder, path));
    },
  );
});
