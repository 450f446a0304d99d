/** @file Watches a program's connections and look-ups without root: three nets, each of which others slip through. */
import { spawnSync } from "node:child_process";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { onTestFinished } from "vitest";
import { scratchFolder } from "./scratch-folder.ts";

/** What to start a program with, so that it is watched. */
export interface NetworkWatch {
  readonly env: Readonly<Record<string, string>>;
  /** A tracer's command, as far as this machine has one; the program's own command follows it. */
  readonly under: readonly string[];
  /** Everything seen so far: requests to a proxy, connections and look-ups, and files left outside the program's own folders. */
  readonly seen: () => Promise<readonly string[]>;
}

/** Writes down, in every thread of a Node process, which sockets connect and which names are looked up. */
const hook = `
import { appendFileSync } from "node:fs";
import dns from "node:dns";
import net from "node:net";
const note = (what) => appendFileSync(process.env.WATCHED_CALLS, what + "\\n");
const { connect } = net.Socket.prototype;
net.Socket.prototype.connect = function (...args) {
  note("node connects: " + JSON.stringify(args[0]?.[0] ?? args[0]));
  return connect.apply(this, args);
};
const { lookup } = dns;
dns.lookup = (name, ...rest) => (note("node looks up: " + name), lookup(name, ...rest));
`;

/**
 * Gives a program a home and a temporary folder of its own and a proxy that refuses, which native libraries ask, and hooks Node's
 * sockets and look-ups. Where strace can trace, every system call that leaves the machine is seen too.
 */
export async function watchNetwork(): Promise<NetworkWatch> {
  const folder = await scratchFolder();
  const calls = join(folder, "calls.txt");
  const trace = join(folder, "trace.txt");
  const preload = join(folder, "hook.mjs");
  const [home, temp] = [join(folder, "home"), join(folder, "temp")];
  await Promise.all([mkdir(home), mkdir(temp), writeFile(preload, hook), writeFile(calls, "")]);

  const asked: string[] = [];
  const proxy = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", (bytes) => {
      asked.push(`a proxy is asked: ${bytes.toString("latin1").split("\r\n")[0] ?? ""}`);
      socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void proxy.close());
  const address = proxy.address();
  const url = `http://127.0.0.1:${String(typeof address === "object" ? address?.port : 0)}`;

  const tracer = ["strace", "-f", "-qq", "-e", "trace=connect,sendto,sendmsg,sendmmsg", "-o"];
  const canTrace = spawnSync("strace", ["-o", trace, "true"]).status === 0;
  const linesOf = async (path: string): Promise<readonly string[]> =>
    (await readFile(path, "utf8")).split("\n").filter((line) => line !== "");
  return {
    env: {
      HOME: home,
      TMPDIR: temp,
      XDG_CACHE_HOME: join(home, "cache"),
      NODE_OPTIONS: `--import ${pathToFileURL(preload).href}`,
      WATCHED_CALLS: calls,
      ...{ http_proxy: url, https_proxy: url, HTTPS_PROXY: url, ALL_PROXY: url },
    },
    under: canTrace ? [...tracer, trace] : [],
    seen: async () => [
      ...asked,
      ...(await linesOf(calls)),
      ...(canTrace ? await linesOf(trace) : []).filter((line) => /AF_INET6?\b/.test(line)),
      ...(await readdir(home, { recursive: true })).map((name) => `left at home: ${name}`),
      ...(await readdir(temp, { recursive: true })).map((name) => `left behind: ${name}`),
    ],
  };
}
