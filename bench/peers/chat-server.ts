/**
 * @file A chat server that answers at once, in a process of its own: `npx tsx bench/peers/chat-server.ts [SHARE]` prints its URL. It refuses
 * this share of the requests for a second (429, Retry-After: 1), evenly mixed; none by default.
 */
import { argv } from "node:process";
import { startChatServer } from "../../test/util/chat-server.ts";
import { seededRandom } from "../../test/util/seeded-random.ts";

const answer =
  "This viewer prefers quiet, character driven dramas and avoids broad comedy. ".repeat(4);
const refuse = Number(argv[2] ?? 0);
const random = seededRandom(1);
const server = await startChatServer({
  answer: () => answer,
  fault: () => (random(10_000) < refuse * 10_000 ? { kind: "429", retryAfterS: 1 } : null),
  keepCalls: false,
});
console.log(server.url);
process.on("SIGTERM", () => {
  void server.close().then(() => process.exit(0));
});
