/** @file A chat server that answers at once, in a process of its own: `npx tsx bench/peers/chat-server.ts` prints its URL. */
import { startChatServer } from "../../test/util/chat-server.ts";

const answer =
  "This viewer prefers quiet, character driven dramas and avoids broad comedy. ".repeat(4);
const server = await startChatServer({ answer: () => answer, keepCalls: false });
console.log(server.url);
process.on("SIGTERM", () => {
  void server.close().then(() => process.exit(0));
});
