/** @file A process that finishes tasks which others finish at the same time: `racing-process.ts PLACE ENDPOINT TASKS FOLDER SEED`. */
import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { createRandom } from "../../../../src/base/random.ts";
import { sha256 } from "../../../../src/base/sha256.ts";
import { partCache } from "../../../../src/flow/store/part-cache.ts";
import { openS3Store } from "../../../../src/flow/store/s3/open-s3-store.ts";
import { openWorkingCopy } from "../../../../src/flow/store/working-copy.ts";

const [place = "", endpoint = "", tasks = "0", folder = "", seed = "0"] = process.argv.slice(2);
const waits = [5, 10, 20, 40, 80, 160, 320, 640];
const store = await openS3Store(place, { endpoint, region: "us-east-1", waits, idleMs: 2_000 });
const dir = join(folder, "run");
for (const name of ["tables/words", "manifests/words"]) {
  await mkdir(join(dir, name), { recursive: true });
}
const parts = partCache(join(folder, "parts"), 1e9);
const copy = await openWorkingCopy(store, dir, { named: () => true }, parts);
process.stdout.write("ready\n");
const startMs = await new Promise<number>((resolve) => {
  process.stdin.once("data", (text) => {
    resolve(Number(text));
  });
});

const { uniform } = createRandom(Number(seed), "texts");
for (let index = 0; index < Number(tasks); index++) {
  // A task begins for all at the same time: whoever is first once would otherwise stay ahead.
  await delay(Math.max(0, startMs + index * 150 - Date.now()));
  // As an answer of a language model, it is another one each time.
  const content = Buffer.from(String(uniform()).repeat(50));
  const path = `tables/words/part-${index}.${seed}`;
  await writeFile(join(dir, path), content);
  const hash = createHash("sha256").update(content).digest("hex");
  const files = [{ table: "words", path, rows: 1, bytes: content.length, sha256: hash }];
  const key = sha256(`task ${index}`);
  const manifest = { key, stage: "words", index, files };
  await writeFile(join(dir, "manifests/words", `${key}.json`), JSON.stringify(manifest));
  await copy.publish({ stage: "words", key });
}
await store.close();
process.exit(0);
