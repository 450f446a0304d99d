/** @file Work that Ctrl-C stops (`willing`), or that takes no notice of it while DuckDB runs a query that takes a day (`deaf`). */
import { once } from "node:events";
import { tmpdir } from "node:os";
import { untilInterrupted } from "../../src/cli/progress/until-interrupted.ts";
import { openDatabase } from "../../src/tables/database.ts";

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const works: Readonly<Record<string, (signal: AbortSignal) => Promise<unknown>>> = {
  willing: async (signal) => {
    await Promise.race([once(signal, "abort"), once(process.stdin, "data")]);
    throw new Error("the work was cut short");
  },
  deaf: async () => {
    const db = await openDatabase({ threads: 2, memoryMb: 256, tempDir: tmpdir() });
    await db.rows("select count(*) from range(1000000000000)");
  },
};

const work = works[process.argv[2] ?? ""];
if (work === undefined) throw new Error("expected willing or deaf");
try {
  await untilInterrupted(say, (signal) => {
    const working = work(signal);
    setTimeout(() => {
      say("working");
    }, 200); // DuckDB has begun by then
    return working;
  });
} catch (error) {
  const { name, code, message, cause } = error as NodeJS.ErrnoException & { cause?: unknown };
  say(JSON.stringify({ name, code, message, cause: String(cause) }));
}
process.stdin.destroy();
