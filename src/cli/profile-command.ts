import { join, relative, resolve } from "node:path";
import { collectProfile } from "../inspect/profile/collect-profile.ts";
import { renderProfile } from "../inspect/profile/render-profile.ts";
import { writeProfile } from "../inspect/profile/write-profile.ts";
import { withRun } from "../inspect/with-run.ts";
import { withRunAt } from "./place/with-run-at.ts";
import { datasetFacts } from "../pipeline/with-run-tables.ts";
import { readRunSettings, runCatalog } from "../pipeline/run-folder.ts";
import { runtimeOf } from "../pipeline/settings.ts";
import { sayLine } from "./terminal.ts";

export interface ProfileOptions {
  readonly out?: string;
}

export async function profileCommand(run: string, { out }: ProfileOptions): Promise<void> {
  const mode = out === undefined ? "write" : "read";
  await withRunAt(run, { files: "tables", mode }, async ({ runDir, shown }) => {
    const tables = await runCatalog(runDir);
    const settings = await readRunSettings(runDir);
    const path = out === undefined ? join(runDir, "profile", "index.html") : resolve(out);
    const { name, protocol } = settings;
    const facts = { name, protocol, source: datasetFacts(settings).label };
    await withRun({ ...runtimeOf(settings), runDir, tables }, async (db) => {
      const page = await renderProfile(facts, await collectProfile(db, tables));
      await writeProfile(path, page, out !== undefined);
    });
    sayLine(
      `profile: ${out === undefined ? shown("profile/index.html") : relative(process.cwd(), path)}`,
    );
  });
}
