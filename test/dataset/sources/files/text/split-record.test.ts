import { describe, expect, test } from "vitest";
import {
  quotingOf,
  splitRecord,
  standardQuoting,
} from "../../../../../src/dataset/sources/files/text/split-record.ts";

const comma = { delimiter: ",", ...quotingOf(standardQuoting) };
const backslash = { delimiter: ";", ...quotingOf({ ...standardQuoting, escape: "\\" }) };
const single = { delimiter: ",", ...quotingOf({ ...standardQuoting, quote: "'" }) };
const none = { delimiter: "\t", ...quotingOf({ ...standardQuoting, quote: "none" }) };

describe("splitRecord", () => {
  test.each([
    ["no quotes", comma, "a,b,,d", ["a", "b", "", "d"]],
    ["quotes around fields", comma, '"a,b","c",d', ["a,b", "c", "d"]],
    ["a doubled quote", comma, '"say ""hi""",x', ['say "hi"', "x"]],
    ["a field of one quote", comma, '"""",x', ['"', "x"]],
    ["a quote inside a field that does not start with one", comma, '5" disc,x', ['5" disc', "x"]],
    ["a line break", comma, '"a\nb",x', ["a\nb", "x"]],
    [
      "a backslash before quotes",
      backslash,
      '"the \\"blue\\" one; 2";x',
      ['the "blue" one; 2', "x"],
    ],
    ["a backslash before a backslash", backslash, '"c:\\\\";x', ["c:\\", "x"]],
    ["a backslash before anything else stays", backslash, '"a\\nb";x', ["a\\nb", "x"]],
    ["backslashes outside quotes", backslash, 'a\\"b;x', ['a\\"b', "x"]],
    ["single quotes", single, "'it''s, ok',\"x", ["it's, ok", '"x']],
    ["no quoting at all", none, '"Nocturne\tx"y', ['"Nocturne', 'x"y']],
  ])("%s", (_, syntax, text, fields) => {
    expect(splitRecord(text, syntax)).toEqual({ fields });
  });

  test.each([
    ["a quote that is never closed", comma, 'a,"b', "a quote is never closed", true],
    ["an escaped quote does not close", backslash, '"b\\"', "a quote is never closed", true],
    ["text after a closing quote", comma, '"b"c,d', "text follows a closing quote", false],
    ["a space after a closing quote", comma, '"b" ,d', "text follows a closing quote", false],
  ])("%s", (_, syntax, text, fault, isOpen) => {
    expect(splitRecord(text, syntax)).toEqual({ fault, isOpen });
  });
});
