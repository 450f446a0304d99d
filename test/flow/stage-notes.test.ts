import { expect, test } from "vitest";
import { stageNotes } from "../../src/flow/stage-notes.ts";

test("of several notes about the same thing the first is kept, in the order of what they are about", async () => {
  const { say, all, close } = await stageNotes({ shared: (_key, create) => create() });
  expect(all()).toEqual([]);
  say("cuts of m", "it read 5 of 9");
  say("schemas of m", "tags");
  say("cuts of m", "it read 5 of 10");
  expect(all()).toEqual(["it read 5 of 9", "tags"]);
  await close();
});

test("who follows is told of what is new, and no more of what comes after leaving", async () => {
  const { say, all, follow } = await stageNotes({ shared: (_key, create) => create() });
  const seen: (readonly string[])[] = [];
  const leave = follow(() => {
    seen.push(all());
  });
  say("disk", "full");
  say("disk", "still full");
  leave();
  say("other", "late");
  expect(seen).toEqual([["full"]]);
});
