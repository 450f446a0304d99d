import { describe, expect, test } from "vitest";
import { modelFolder } from "../../../src/train/loop/model-folder.ts";

const key = "0123456789abcdef";

describe("modelFolder", () => {
  test("is named after the model and its task", () => {
    const model = { backbone: "dcn", variant: "base+history", trial: 3, seed: 7 };
    expect(modelFolder("/run", model, key)).toBe("/run/models/dcn-base+history-t3-s7-01234567");
  });

  test("stays one folder below models whatever a name holds", () => {
    const model = { backbone: "dcn", variant: "../../a:b c\\d", trial: 0, seed: 1 };
    expect(modelFolder("/run", model, key)).toBe("/run/models/dcn-.._.._a_b_c_d-t0-s1-01234567");
  });
});
