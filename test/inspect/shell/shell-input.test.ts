import { describe, expect, test } from "vitest";
import { inputReader, wordsOf } from "../../../src/inspect/shell/shell-input.ts";

/** What each line completes. */
function feed(...lines: string[]) {
  const reader = inputReader();
  const inputs = lines.map((line) => reader.feed(line).map(({ text }) => text));
  return { inputs, begun: reader.pending() };
}

describe("inputReader", () => {
  test("puts a statement together from its lines", () => {
    expect(feed("select 1,", "  2", "; select 3; select", "4;")).toEqual({
      inputs: [[], [], ["select 1,\n  2", "select 3"], ["select\n4"]],
      begun: "",
    });
  });

  test("goes on while a text or a comment is open", () => {
    expect(feed("select 'a;", ".tables", "b';")).toEqual({
      inputs: [[], [], ["select 'a;\n.tables\nb'"]],
      begun: "",
    });
    expect(feed("/* ;").begun).toBe("/* ;\n");
  });

  test("a dot begins a command only where no statement has begun", () => {
    expect(feed(" .schema users ", "select 1", ".5;").inputs).toEqual([
      [".schema users"],
      [],
      ["select 1\n.5"],
    ]);
    expect(inputReader().feed(".run x top=5")).toEqual([
      { kind: "command", text: ".run x top=5", words: [".run", "x", "top=5"] },
    ]);
  });

  test("passes over empty statements and lines", () => {
    expect(feed(";;", "", "  ", "-- only a comment;", "; -- and one more", ";")).toEqual({
      inputs: [[], [], [], [], [], []],
      begun: "",
    });
  });

  test("forgets what has begun", () => {
    const reader = inputReader();
    reader.feed("select 'open");
    reader.clear();
    expect(reader.feed("select 2;")).toMatchObject([{ kind: "statement", text: "select 2" }]);
  });
});

test("wordsOf keeps blanks within quotes", () => {
  expect(wordsOf(`.run x  k='a b' j="it's" 'l=m n' o=p"q`)).toEqual([
    ...[".run", "x", "k=a b", "j=it's", "l=m n", 'o=p"q'],
  ]);
});
