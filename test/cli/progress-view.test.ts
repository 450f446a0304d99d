import { expect, test } from "vitest";
import { progressView } from "../../src/cli/progress-view.ts";

test.each([true, false])("acts on no escape of a model or server (terminal: %s)", (isTTY) => {
  const written: string[] = [];
  const write = (text: string | Uint8Array): boolean => written.push(String(text)) > 0;
  const view = progressView({ write, isTTY, columns: 200 });
  view.say("the server said \u001b]0;title\u0007");
  view.show({ kind: "waiting", text: "batch \u009b2J" });
  const follow = view.follow("fetch \u001b[8m");
  follow({ rowsDone: 1, rowsTotal: 2, unit: "\u001b[2J", detail: { loss: "\u0007" } });
  view.close();
  const own = "\r\u001b[K"; // clears the bar
  expect(written.join("").replaceAll(own, "")).not.toMatch(/[^\P{Cc}\n]/u);
  expect(written.join("")).toContain("the server said \uFFFD]0;title\uFFFD\n");
});
