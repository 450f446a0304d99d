import { FlowError } from "../../base/errors.ts";
import { blockFormats } from "./ggml-blocks.ts";
import { plainFormats, type NumberFormat } from "./number-format.ts";

const readable = { ...plainFormats, ...blockFormats };

/** The types of tensors of GGUF files by their numbers, also those that cannot be read. Source: ggml.h, `enum ggml_type`. */
const typeNames: Readonly<Record<number, string>> = {
  ...{ 0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 6: "Q5_0", 7: "Q5_1", 8: "Q8_0", 9: "Q8_1" },
  ...{ 10: "Q2_K", 11: "Q3_K", 12: "Q4_K", 13: "Q5_K", 14: "Q6_K", 15: "Q8_K", 16: "IQ2_XXS" },
  ...{ 17: "IQ2_XS", 18: "IQ3_XXS", 19: "IQ1_S", 20: "IQ4_NL", 21: "IQ3_S", 22: "IQ2_S" },
  ...{ 23: "IQ4_XS", 24: "I8", 25: "I16", 26: "I32", 27: "I64", 28: "F64", 29: "IQ1_M" },
  ...{ 30: "BF16", 34: "TQ1_0", 35: "TQ2_0", 39: "MXFP4" },
};

/** What a type of tensor is called. */
function ggmlTypeName(type: number): string {
  return typeNames[type] ?? `number ${type}`;
}

/**
 * The format of a type of tensor.
 *
 * @param whose - The file's path and the tensor's name
 * @throws FlowError `INPUT_INVALID` with the type's name and the types that can be read
 */
export function ggmlFormat(type: number, whose: string): NumberFormat {
  const name = ggmlTypeName(type);
  if (isReadable(name)) return readable[name];
  throw new FlowError(
    "INPUT_INVALID",
    `${whose} is of type ${name}, which cannot be read: take a file of the same model whose types are among ` +
      `${Object.keys(readable).join(", ")}, such as one named Q8_0 or F16`,
  );
}

function isReadable(name: string): name is keyof typeof readable {
  return Object.hasOwn(readable, name);
}
