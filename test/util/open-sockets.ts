import type { Server } from "node:net";

/** How many connections a server has now. Once it is 0, the server has read all that was sent by clients that are gone. */
export function openSockets(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, open) => {
      if (error === null) resolve(open);
      else reject(error);
    });
  });
}
