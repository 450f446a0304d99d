/** @file Collects the answers of a workspace once, as a process that can be killed: `collect-fixture.ts <folder>`. */
import { argv } from "node:process";
import { workspaceIn } from "./batch-workspace.ts";

await workspaceIn(argv[2] ?? "").collect({ limits: { requests: 4, bytes: 1_000_000 } });
