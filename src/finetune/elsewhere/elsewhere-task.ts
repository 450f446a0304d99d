import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { FlowError } from "../../base/errors.ts";
import { makeFolderIn, replaceFileIn } from "../../base/files/folder-in.ts";
import { sha256 } from "../../base/sha256.ts";
import { sha256OfFile } from "../../flow/file-check.ts";
import type { RunTask } from "../../flow/task.ts";
import type { Row } from "../../tables/database.ts";
import { adapterFolder, ggufIn } from "../adapter/adapter-folder.ts";
import { readPeftFolder } from "../adapter/read-peft-folder.ts";
import { writeGgufAdapter } from "../adapter/write-gguf-adapter.ts";
import { writeAdapterParts } from "../finetune-tables.ts";
import { elsewhereConfig, elsewhereParams, elsewhereRuntime } from "./elsewhere-params.ts";
import { loaderConfig, type AdapterContent } from "./given-adapter.ts";

/**
 * Takes one adapter that was trained elsewhere: notes the name at a server, or puts the file that llama.cpp loads into the run folder,
 * made of a folder of PEFT or copied.
 *
 * Config {@link elsewhereConfig}, params {@link elsewhereParams}, runtime {@link elsewhereRuntime}; no inputs. Writes a part of
 * `adapters` and an empty one of `finetune_log`: nothing is known of the training.
 *
 * @throws what reading the adapter throws
 */
export const takeAdapter: RunTask = async (task, context) => {
  const { subject, role, adapter } = elsewhereParams.parse(task.params);
  const { base } = elsewhereConfig.parse(task.config);
  const { places } = elsewhereRuntime.parse(task.runtime);
  const place = places.find((one) => one.subject === subject && one.role === role);
  if (adapter === null || place?.given == null) {
    throw new FlowError(
      "ANSWERS_PENDING",
      `the ${role} about ${subject}s is still to be trained elsewhere: name what comes of it in finetune.adapters.${subject}s.${role}`,
    );
  }
  const { runDir } = context;
  const path = adapterFolder({ subject, role, taskKey: task.key });
  const folder = join(runDir, path);
  if (adapter.kind !== "served") await makeFolderIn(runDir, folder);
  const known = await take(adapter, { runDir, folder, given: place.given, model: place.model });
  const row = adapter.kind === "served" ? { path: adapter.name } : { path };
  return writeAdapterParts(
    { log: [], adapter: { subject, role, base, ...row, ...known } },
    context,
  );
};

interface Place {
  readonly runDir: string;
  /** Where the run keeps the file. Absolute. */
  readonly folder: string;
  readonly given: string;
  readonly model: string | null;
}

/** @returns What of the row in `adapters` the adapter itself tells */
async function take(
  adapter: AdapterContent,
  { runDir, folder, given, model }: Place,
): Promise<Row> {
  const file = ggufIn(folder);
  switch (adapter.kind) {
    case "served":
      return { sha256: sha256(adapter.name) };
    case "file":
      await replaceFileIn(runDir, file, await readFile(given));
      return { sha256: await sha256OfFile(file) };
    case "folder": {
      if (model === null) throw new Error("internal: no model to load the adapter with");
      const read = await readPeftFolder(given, await loaderConfig(model, given));
      await writeGgufAdapter(file, read);
      const { rank, alpha } = read.lora;
      const parameters = read.matrices.reduce((sum, { a, b }) => sum + a.length + b.length, 0);
      return { sha256: await sha256OfFile(file), rank, alpha, parameters };
    }
  }
}
