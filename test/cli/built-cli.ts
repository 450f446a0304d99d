import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** How a command ended. `code` is null when a signal ended it. */
export interface CliResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliProcess {
  readonly pid: number;
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly ended: Promise<CliResult>;
}

/** How a command is started. */
export interface CliOptions {
  /** Added to this process's environment; undefined takes a variable out. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** A command and its arguments that run Node in turn, such as a tracer. */
  readonly under?: readonly string[];
}

/** The command line as it ships: compiled JavaScript in plain Node, without test runner or loader. */
export interface BuiltCli {
  /** The compiled entry. */
  readonly main: string;
  readonly start: (args: readonly string[], options?: CliOptions) => CliProcess;
  readonly run: (args: readonly string[], options?: CliOptions) => Promise<CliResult>;
  readonly remove: () => Promise<void>;
}

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Compiles src/ into a package folder of its own, so that neither a missing nor an old dist/ matters. */
export async function buildCli(): Promise<BuiltCli> {
  const folder = await mkdtemp(join(tmpdir(), "r4ec-cli-"));
  const compiler = createRequire(import.meta.url).resolve("typescript/bin/tsc");
  const options = ["--noCheck", "--noResolve", "--declaration", "false"];
  await promisify(execFile)(process.execPath, [
    compiler,
    ...["--project", join(root, "tsconfig.build.json"), "--outDir", join(folder, "dist")],
    ...options,
  ]);
  for (const name of ["node_modules", "package.json", "data", "pipelines", "sql"]) {
    await symlink(join(root, name), join(folder, name));
  }
  const main = join(folder, "dist/cli/main.js");
  const start: BuiltCli["start"] = (args, { env, under = [] } = {}) => {
    const [command = "", ...rest] = [...under, process.execPath, main, ...args];
    const child = spawn(command, rest, {
      cwd: folder,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const closed = new Promise<Pick<CliResult, "code" | "signal">>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code, signal) => {
        resolve({ code, signal });
      });
    });
    const ended = Promise.all([closed, text(child.stdout), text(child.stderr)]);
    return {
      pid: child.pid ?? 0,
      kill: (signal) => void child.kill(signal),
      ended: ended.then(([end, stdout, stderr]) => ({ ...end, stdout, stderr })),
    };
  };
  return {
    main,
    start,
    run: (args, options) => start(args, options).ended,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
