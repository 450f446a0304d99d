import { expect, test } from "vitest";
import { folderStore } from "../../../src/flow/store/folder-store.ts";
import { probeStore } from "../../../src/flow/store/probe.ts";
import { scratchFolder } from "../../util/scratch-folder.ts";
import { failure, keysOf } from "./contract.ts";

test("refuses a store that lets two writers win, and cleans up", async () => {
  const folder = folderStore(await scratchFolder());
  const careless = {
    ...folder,
    putIfAbsent: async (key: string, content: Uint8Array | string) => {
      await folder.put(key, content);
      return true;
    },
  };
  await expect(probeStore(careless)).rejects.toEqual(
    failure(
      "CONFIG_INVALID",
      /ignores If-None-Match.*Use a store that has conditional writes, such as AWS S3, MinIO/,
    ),
  );
  expect(await keysOf(folder, "")).toEqual([]);
});

test("refuses a store that lets nobody win", async () => {
  const folder = folderStore(await scratchFolder());
  const full = { ...folder, putIfAbsent: () => Promise.resolve(false) };
  await expect(probeStore(full)).rejects.toEqual(
    failure("CONFIG_INVALID", /refused to write a file that did not exist/),
  );
});
