import { resolve } from "node:path";
import { printResults } from "./print-results.ts";

export async function reportCommand(
  run: string,
  options: { readonly json?: boolean },
): Promise<void> {
  const { makeReport } = await import("../pipeline/make-report.ts");
  const runDir = resolve(run);
  printResults(await makeReport(runDir), runDir, options.json ?? false);
}
