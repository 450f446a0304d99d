import { createServer, type IncomingHttpHeaders } from "node:http";
import { z } from "zod";
import { jsonOrNull } from "../../src/base/json.ts";

const submission = z.looseObject({
  submission_id: z.string(),
  entrypoint: z.string(),
  entrypoint_num_cpus: z.number(),
  runtime_env: z.record(z.string(), z.unknown()),
});

/** A Ray job as a test scripts it. */
export interface ScriptedJob {
  status: string;
  message: string | null;
  logs: string;
}

/** A server that answers as Ray's Jobs API does; nothing runs. */
export interface RayServer {
  readonly url: string;
  readonly submitted: z.output<typeof submission>[];
  readonly headers: IncomingHttpHeaders[];
  readonly jobs: Map<string, ScriptedJob>;
  readonly stopped: string[];
  /** How many further requests get no reply: the connection is cut once they have been worked on. */
  lose: number;
  /** Answered instead of the next replies; null = as Ray. */
  refusal: { readonly status: number; readonly text: string } | null;
  readonly close: () => Promise<void>;
}

export async function startRayServer(): Promise<RayServer> {
  const jobs: RayServer["jobs"] = new Map();
  const submitted: RayServer["submitted"] = [];
  const answer = (method: string, path: string, body: string): readonly [number, unknown] => {
    const [, id = "", what = ""] = /^\/api\/jobs\/([^/]*)\/?(.*)$/.exec(path) ?? [];
    if (method === "POST" && id === "") {
      const job = submission.parse(jsonOrNull(body));
      if (jobs.has(job.submission_id)) {
        return [
          500,
          `ValueError: Job with submission_id ${job.submission_id} already exists.\n.\n`,
        ];
      }
      submitted.push(job);
      const entry = `Running entrypoint for job x: ${job.entrypoint}\n`;
      jobs.set(job.submission_id, { status: "RUNNING", message: null, logs: entry });
      return [200, { submission_id: job.submission_id }];
    }
    const job = jobs.get(decodeURIComponent(id));
    if (job === undefined) return [404, `Job ${id} does not exist`];
    if (what === "logs") return [200, { logs: job.logs }];
    if (what !== "stop") return [200, { status: job.status, message: job.message }];
    server.stopped.push(id);
    job.status = "STOPPED";
    return [200, { stopped: true }];
  };
  const http = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      server.headers.push(request.headers);
      const isBrowser = request.headers["sec-fetch-mode"] !== undefined;
      const [status, body] = isBrowser
        ? [405, "method not allowed for browser traffic."]
        : server.refusal === null
          ? answer(request.method ?? "", request.url ?? "", Buffer.concat(chunks).toString())
          : [server.refusal.status, server.refusal.text];
      if (server.lose > 0) {
        server.lose--;
        request.socket.destroy();
        return;
      }
      response.writeHead(status);
      response.end(typeof body === "string" ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const address = http.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const server: RayServer = {
    ...{ url: `http://127.0.0.1:${port}`, submitted, headers: [], jobs, stopped: [] },
    ...{ lose: 0, refusal: null },
    close: () => {
      http.closeAllConnections();
      return new Promise((resolve) => {
        http.close(() => {
          resolve();
        });
      });
    },
  };
  return server;
}
