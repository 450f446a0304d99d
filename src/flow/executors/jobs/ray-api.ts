import { setTimeout as delay } from "node:timers/promises";
import { request } from "undici";
import { z } from "zod";
import { FlowError, reasonOf } from "../../../base/errors.ts";
import { jsonOrNull } from "../../../base/json.ts";

/** Where Ray's Jobs API is. */
export interface RayAddress {
  /** Of the head's dashboard, such as `http://head:8265`. */
  readonly address: string;
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>;
}

const rayJob = z.object({ status: z.string(), message: z.string().nullish() });
const logs = z.object({ logs: z.string().nullish() });

/** What Ray tells of one of its jobs. */
export type RayJob = z.output<typeof rayJob>;

/** The part of Ray's Jobs API (REST, Ray 2) that is used here. All throw `PROVIDER_FAILED` where it is out of reach, or refuses. */
export interface RayApi {
  /** Submits a job, once, under an id that no other has. */
  readonly submit: (id: string, job: object) => Promise<void>;
  /** Null where Ray knows none of this id. */
  readonly job: (id: string) => Promise<RayJob | null>;
  /** All that a job has printed. */
  readonly logs: (id: string) => Promise<string>;
  /** Ends a job; one that is over, or unknown, is no error. */
  readonly stop: (id: string) => Promise<void>;
}

/** How long Ray may take to answer, ms. */
const answerMs = 30_000;
/** Pauses before a request that did not come through is sent again, ms. */
const pausesMs = [500, 2_000];

export function rayApi({ address, headers }: RayAddress): RayApi {
  const base = `${address.replace(/\/+$/, "")}/api/jobs/`;

  const send = async (method: "GET" | "POST", path: string, body?: object): Promise<Answer> => {
    for (let tries = 0; ; tries++) {
      try {
        // Not fetch: Ray refuses requests with the Sec-Fetch headers that it sends, as a browser's.
        const { statusCode: status, body: answer } = await request(`${base}${path}`, {
          method,
          headers: { ...headers, "content-type": "application/json" },
          signal: AbortSignal.timeout(answerMs),
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        return { status, text: await answer.text() };
      } catch (error) {
        const pauseMs = pausesMs[tries];
        if (pauseMs === undefined) throw outOfReach(address, error);
        await delay(pauseMs);
      }
    }
  };
  const get = async <T>(path: string, shape: z.ZodType<T>): Promise<T | null> => {
    const answer = await send("GET", path);
    if (answer.status === 404) return null;
    const found = shape.safeParse(jsonOrNull(answer.text));
    if (answer.status !== 200 || !found.success) throw refused(address, answer);
    return found.data;
  };

  return {
    submit: async (id, job) => {
      const answer = await send("POST", "", { ...job, submission_id: id });
      const isThere = answer.text.includes(`${id} already exists`); // the reply of the first try was lost
      if (answer.status !== 200 && !isThere) throw refused(address, answer);
    },
    job: (id) => get(encodeURIComponent(id), rayJob),
    logs: async (id) => (await get(`${encodeURIComponent(id)}/logs`, logs))?.logs ?? "",
    stop: async (id) => {
      const answer = await send("POST", `${encodeURIComponent(id)}/stop`);
      if (answer.status !== 200 && answer.status !== 404) throw refused(address, answer);
    },
  };
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

function outOfReach(address: string, error: unknown): FlowError {
  const said = reasonOf(error) || (error instanceof Error && "code" in error ? error.code : error);
  return new FlowError(
    "PROVIDER_FAILED",
    `Ray at ${address} is out of reach: ${String(said)}. runtime.executor.ray.address must be that of the head's dashboard ` +
      "(port 8265, ray start --head --dashboard-host 0.0.0.0), as this machine reaches it",
    { cause: error },
  );
}

function refused(address: string, { status, text }: Answer): FlowError {
  const cure =
    status === 401 || status === 403
      ? '. Where it wants a token: runtime.executor.ray.headers: { authorization: "Bearer ${RAY_AUTH_TOKEN}" }'
      : "";
  return new FlowError(
    "PROVIDER_FAILED",
    `Ray at ${address} answers ${status}: ${lastLine(text)}${cure}`,
  );
}

/** The last line of a text that says something, as Python's traces end with what is wrong. */
export function lastLine(text: string): string {
  const lines = text.split("\n").map((line) => line.trim());
  return lines.findLast((line) => /\w/.test(line))?.slice(0, 500) ?? "nothing";
}
