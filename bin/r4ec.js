#!/usr/bin/env node
/** @file The command `r4ec`. A checkout has dist/ once it is built; a package always has it. */
import { existsSync } from "node:fs";

const main = new URL("../dist/cli/main.js", import.meta.url);
if (existsSync(main)) {
  await import(main.href).catch((error) => {
    if (error?.code !== "EMFILE") throw error;
    process.stderr.write(
      "r4ec: so few files may be open at a time here that it cannot be loaded: raise the limit with ulimit -n 1024 in the shell that " +
        "starts r4ec, or where the container or service is set up\n",
    );
    process.exitCode = 1;
  });
} else {
  process.stderr.write("r4ec: not built yet; npm start, npm test and npm run build build it\n");
  process.exitCode = 1;
}
