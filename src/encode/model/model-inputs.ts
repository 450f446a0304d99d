import type { InferenceSession, Tensor } from "onnxruntime-node";
import { FlowError } from "../../base/errors.ts";
import type { EncoderCard } from "../folder/encoder-card.ts";

/** An input tensor of a model, `[B, T]`. */
interface InputTensor {
  readonly type: "int64" | "int32";
  readonly data: BigInt64Array | Int32Array;
  readonly dims: readonly [number, number];
}

type Sequence = readonly number[];
type InputCard = Pick<EncoderCard, "padTo" | "padId" | "firstPosition" | "globalTokens">;

/** The value of an input for the token at a position; the second is that of padding. */
type InputRule = (
  card: InputCard,
) => readonly [token: (id: number, place: number) => number, padding: number];

const rules: Readonly<Record<string, InputRule>> = {
  input_ids: ({ padId }) => [(id) => id, padId],
  attention_mask: () => [() => 1, 0],
  token_type_ids: () => [() => 0, 0],
  position_ids: ({ firstPosition }) => [
    (_, place) => firstPosition + place,
    Math.max(0, firstPosition - 1),
  ],
  global_attention_mask: ({ globalTokens }) => [(_, place) => (place < globalTokens ? 1 : 0), 0],
};

/** Padded length of a sequence: the next multiple that the model needs. */
export function paddedLength(tokens: number, padTo: number): number {
  return Math.ceil(tokens / padTo) * padTo;
}

/** Builds a model's inputs from token sequences. */
export type ModelInputs = (sequences: readonly Sequence[]) => Readonly<Record<string, InputTensor>>;

/**
 * Builds inputs for a model that declares these.
 *
 * @param file - of the model, for messages
 * @throws FlowError `INPUT_INVALID` for an input that no encoder has, of an unexpected type, or of fixed size
 */
export function modelInputs(
  declared: readonly InferenceSession.ValueMetadata[],
  card: InputCard,
  file: string,
): ModelInputs {
  const makers = declared.map((input) => {
    const rule = Object.hasOwn(rules, input.name) ? rules[input.name] : undefined;
    if (rule === undefined) {
      throw new FlowError(
        "INPUT_INVALID",
        `${file}: the model has an unknown input ${input.name}, besides ${listed(declared)}; ` +
          `a text encoder has some of ${Object.keys(rules).join(", ")}. Export it for the task feature-extraction`,
      );
    }
    return [input.name, integerType(input, file), rule(card)] as const;
  });
  return (sequences) => {
    const longest = Math.max(...sequences.map(({ length }) => length));
    const width = paddedLength(longest, card.padTo);
    return Object.fromEntries(
      makers.map(([name, type, [token, padding]]) => {
        const data = new Int32Array(sequences.length * width).fill(padding);
        sequences.forEach((sequence, row) => {
          sequence.forEach((id, place) => {
            data[row * width + place] = token(id, place);
          });
        });
        const dims = [sequences.length, width] as const;
        return [
          name,
          { type, data: type === "int32" ? data : BigInt64Array.from(data, BigInt), dims },
        ];
      }),
    );
  };
}

function integerType(input: InferenceSession.ValueMetadata, file: string): InputTensor["type"] {
  const type: Tensor.Type | "no tensor" = input.isTensor ? input.type : "no tensor";
  const shape = input.isTensor ? input.shape : [];
  if (type !== "int64" && type !== "int32") {
    throw new FlowError(
      "INPUT_INVALID",
      `${file}: input ${input.name} is ${type}; expected int64 or int32`,
    );
  }
  const fixed = shape.filter((size) => typeof size === "number" && size > 0);
  if (shape.length !== 2 || fixed.length > 0) {
    throw new FlowError(
      "INPUT_INVALID",
      `${file}: input ${input.name} has the shape [${shape.join(", ")}]; expected [batch, tokens], both of any size. ` +
        "Export the model with dynamic axes",
    );
  }
  return type;
}

function listed(inputs: readonly InferenceSession.ValueMetadata[]): string {
  return inputs.map(({ name }) => name).join(", ");
}
