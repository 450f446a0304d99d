import {
  createServer,
  request,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { createRandom } from "../../../../src/base/random.ts";

/** What the proxy does to a request, instead of handing it on and its reply back. */
export type StoreFault =
  | "unavailable" // 503, and nothing is done
  | "conflict" // 409 as for two conditional writes at once, and nothing is done
  | "lost" // it is done, and the connection cut before the reply
  | "cut" // the reply ends in the middle of its body
  | "slow" // the reply comes in pieces, with pauses
  | "hang" // the reply stops in the middle of its body
  | "stripped"; // the condition is left out

/** A request to the store. */
export interface StoreRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

export interface FaultProxy {
  readonly url: string;
  /** How often each fault was done. */
  readonly done: ReadonlyMap<StoreFault, number>;
  readonly requests: readonly StoreRequest[];
  readonly close: () => Promise<void>;
}

/** @returns A fault for each request by chance, the same ones for the same requests: of each kind that fits, so many per request */
export function seededFaults(
  seed: number,
  rates: Readonly<Partial<Record<StoreFault, number>>>,
): (asked: StoreRequest) => StoreFault | null {
  const { uniform } = createRandom(seed, "faults");
  return ({ method, headers }) => {
    const fits: Readonly<Record<StoreFault, boolean>> = {
      unavailable: true,
      conflict: headers["if-none-match"] !== undefined,
      lost: method !== "GET" && method !== "HEAD",
      cut: method === "GET",
      slow: method === "GET",
      hang: method === "GET",
      stripped: headers["if-none-match"] !== undefined,
    };
    for (const fault of ["unavailable", "conflict", "lost", "cut", "slow", "hang"] as const) {
      if (fits[fault] && uniform() < (rates[fault] ?? 0)) return fault;
    }
    return null;
  };
}

/** A server in front of another that spoils what `choose` says. */
export async function startFaultProxy(
  target: string,
  choose: (asked: StoreRequest) => StoreFault | null,
): Promise<FaultProxy> {
  const done = new Map<StoreFault, number>();
  const requests: StoreRequest[] = [];
  const server = createServer((incoming, response) => {
    const { method = "", url = "", headers } = incoming;
    const asked = { method, url, headers };
    requests.push(asked);
    const fault = choose(asked);
    if (fault !== null) done.set(fault, (done.get(fault) ?? 0) + 1);
    handle(target, fault, incoming, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // of a server that listens on TCP
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${port}`, done, requests, close };
}

async function handle(
  target: string,
  fault: StoreFault | null,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await buffer(incoming);
  if (fault === "unavailable") {
    refuse(response, 503, "SlowDown");
    return;
  }
  if (fault === "conflict") {
    refuse(response, 409, "ConditionalRequestConflict");
    return;
  }
  const headers = { ...incoming.headers };
  delete headers.expect; // it was answered
  if (fault === "stripped") delete headers["if-none-match"];
  const reply = await send(target, incoming, headers, body);
  const content = await buffer(reply);
  if (fault === "lost") {
    response.destroy();
    return;
  }
  response.writeHead(reply.statusCode ?? 500, reply.headers);
  if (fault === "cut" || fault === "hang") {
    await write(response, content.subarray(0, content.byteLength >> 1));
    if (fault === "cut") response.destroy();
    return;
  }
  if (fault === "slow") {
    for (let piece = 0; piece < 4; piece++) {
      const at = (place: number): number => Math.floor((content.byteLength * place) / 4);
      await write(response, content.subarray(at(piece), at(piece + 1)));
      await delay(5);
    }
    response.end();
    return;
  }
  response.end(content);
}

function send(
  target: string,
  { method, url }: IncomingMessage,
  headers: IncomingHttpHeaders,
  body: Buffer,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request(`${target}${url ?? ""}`, { method, headers }, resolve)
      .on("error", reject)
      .end(body);
  });
}

/** Waits until the bytes have left, so that a cut does not take them back. */
function write(response: ServerResponse, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    response.write(bytes, () => {
      resolve();
    });
  });
}

function refuse(response: ServerResponse, status: number, code: string): void {
  const text = `<Error><Code>${code}</Code><Message>by chance</Message></Error>`;
  response.writeHead(status, { "content-type": "application/xml" }).end(text);
}
