import { resolve } from "node:path";
import { makeReport } from "../pipeline/make-report.ts";
import { printResults } from "./print-results.ts";

export async function reportCommand(
  run: string,
  options: { readonly json?: boolean },
): Promise<void> {
  const runDir = resolve(run);
  printResults(await makeReport(runDir), runDir, options.json ?? false);
}
