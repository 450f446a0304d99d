import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const program = process.env["R4EC_MOTO"];

/** Why no S3 server can be started here; null where it can. */
export function motoFault(): string | null {
  if (program === undefined || program === "") {
    return "R4EC_MOTO names no moto_server, which pip install 'moto[server]' installs";
  }
  return existsSync(program) ? null : `R4EC_MOTO names ${program}, which is not there`;
}

/** A server with S3's interface that keeps all in memory. */
export interface Moto {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** Starts a server on this machine, with one empty bucket. It takes any credentials. */
export async function startMoto(bucket: string): Promise<Moto> {
  if (program === undefined) throw new Error("internal: no moto_server to start");
  const python = join(dirname(program), "python3");
  const script = fileURLToPath(new URL("moto-server.py", import.meta.url));
  const server = spawn(python, [script, "-H", "127.0.0.1", "-p", "0"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = once(server, "exit");
  const url = await new Promise<string>((resolve, reject) => {
    const lines: string[] = [];
    server.once("error", reject);
    server.once("exit", () => {
      reject(new Error(`moto_server ended: ${lines.join("\n")}`));
    });
    createInterface(server.stderr).on("line", (line) => {
      if (lines.length < 20) lines.push(line);
      const [, found] = /Running on (http:\S+)/.exec(line) ?? [];
      if (found !== undefined) resolve(found);
    });
  });
  const close = async (): Promise<void> => {
    server.kill("SIGKILL"); // it has nothing to save
    await ended;
  };
  const headers = {
    authorization: "AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/s3/aws4_request",
  };
  const made = await fetch(`${url}/${bucket}`, { method: "PUT", headers });
  if (made.ok) return { url, close };
  await close();
  throw new Error(`moto_server made no bucket: ${made.status} ${await made.text()}`);
}
