import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** What a server answers. */
export interface ScriptedReply {
  readonly status: number;
  /** Of the error. */
  readonly code?: string;
  /** Elements of the error, besides code and message. */
  readonly fields?: Readonly<Record<string, string>>;
  readonly message?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Instead of the error. */
  readonly body?: string;
}

/** A server that answers the first requests in order, and all others like the last of them. It ends with the test. */
export async function startScriptedS3(
  ...replies: readonly [ScriptedReply, ...ScriptedReply[]]
): Promise<{ readonly url: string; readonly asked: readonly string[] }> {
  const asked: string[] = [];
  const server = createServer((incoming, response) => {
    const { status, headers, ...rest } = replies[asked.length] ?? replies.at(-1) ?? replies[0];
    asked.push(`${incoming.method ?? ""} ${incoming.url ?? ""}`);
    incoming.resume().on("end", () => {
      response.writeHead(status, { "content-type": "application/xml", ...headers });
      response.end(rest.body ?? (rest.code === undefined ? "" : errorXml(rest)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo; // of a server that listens on TCP
  return { url: `http://127.0.0.1:${port}`, asked };
}

function errorXml({ code = "", message = "", fields = {} }: Omit<ScriptedReply, "status">): string {
  const elements = Object.entries({ Code: code, Message: message, ...fields });
  return `<Error>${elements.map(([name, text]) => `<${name}>${text}</${name}>`).join("")}</Error>`;
}
