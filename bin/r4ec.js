#!/usr/bin/env node
/** @file The command `r4ec`. A checkout has dist/ once it is built; a package always has it. */
import { existsSync } from "node:fs";

const main = new URL("../dist/cli/main.js", import.meta.url);
if (existsSync(main)) {
  await import(main.href);
} else {
  process.stderr.write("r4ec: not built yet; npm start, npm test and npm run build build it\n");
  process.exitCode = 1;
}
