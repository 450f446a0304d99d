/** @file Peers in Python: scripts in bench/peers that write a JSON line at the start, and one for each line they read. */
import { spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export type Answer = Readonly<Record<string, unknown>>;

export interface PythonPeer {
  /** The next line, unasked. */
  readonly answer: () => Promise<Answer>;
  readonly ask: (request: unknown) => Promise<Answer>;
  readonly close: () => void;
}

export interface PythonOptions {
  readonly python: string;
  /** A file of bench/peers. */
  readonly script: string;
  /** The script's argument. */
  readonly options: unknown;
  readonly threads: number;
}

/** The first of these interpreters that has all the modules. */
export function findPython(
  candidates: readonly string[],
  modules: readonly string[],
): string | undefined {
  const command = `import ${modules.join(", ")}`;
  return candidates.find((python) => spawnSync(python, ["-c", command]).status === 0);
}

/** Starts a peer with threads that sleep while they wait; otherwise they would take time from the other side. */
export function startPython({ python, script, options, threads }: PythonOptions): PythonPeer {
  const file = fileURLToPath(new URL(`peers/${script}`, import.meta.url));
  const child = spawn(python, [file, JSON.stringify(options)], {
    stdio: ["pipe", "pipe", "inherit"],
    env: {
      ...process.env,
      OMP_WAIT_POLICY: "passive",
      OMP_NUM_THREADS: String(threads),
      OPENBLAS_NUM_THREADS: String(threads),
    },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async (): Promise<Answer> => {
    const line = await lines.next();
    if (line.done) throw new Error(`${python} ${file} ended early`);
    return JSON.parse(line.value) as Answer;
  };
  return {
    answer,
    ask: (request) => {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      return answer();
    },
    close: () => child.stdin.end(),
  };
}
