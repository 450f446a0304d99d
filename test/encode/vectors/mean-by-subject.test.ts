import { describe, expect, test } from "vitest";
import { meanBySubject } from "../../../src/encode/vectors/mean-by-subject.ts";

describe("meanBySubject", () => {
  test("averages the vectors of a subject's texts and sums what is counted of them", () => {
    const encoded = {
      vectors: Float32Array.of(1, 0, /**/ 0.6, 0.8, 0, 1, 0.6, 0.8, /**/ 0, 1, 1, 0),
      tokens: Int32Array.of(5, 10, 20, 30, 7, 8),
      chunks: Int32Array.of(1, 1, 2, 3, 1, 1),
      truncated: Int32Array.of(0, 4, 0, 5, 0, 1),
    };
    const { vectors, ...rest } = meanBySubject([4, 7, 7, 7, 9, 9], encoded, 2);
    // (0.6 + 0 + 0.6) / 3 and (0.8 + 1 + 0.8) / 3; not scaled to length 1
    const expected = [1, 0, 0.4, 2.6 / 3, 0.5, 0.5];
    expect(vectors).toHaveLength(expected.length);
    vectors.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i] ?? Number.NaN, 6);
    });
    expect(rest).toEqual({
      ids: [4, 7, 9],
      tokens: Int32Array.of(5, 60, 15),
      chunks: Int32Array.of(1, 6, 2),
      truncated: Int32Array.of(0, 9, 1),
      texts: Int32Array.of(1, 3, 2),
    });
  });

  test("leaves single texts as they are, to the bit", () => {
    const encoded = {
      vectors: Float32Array.of(-0, 0.1, 0.3, 0.7),
      tokens: Int32Array.of(1, 2),
      chunks: Int32Array.of(1, 1),
      truncated: Int32Array.of(0, 3),
    };
    expect(meanBySubject([8, 9], encoded, 2)).toEqual({
      ids: [8, 9],
      texts: Int32Array.of(1, 1),
      ...encoded,
    });
    const beside = { ...encoded, vectors: Float32Array.of(-0, 0.1, 0.3, 0.7, 0.3, 0.7) };
    const three = {
      tokens: Int32Array.of(1, 2, 3),
      chunks: Int32Array.of(1, 1, 1),
      truncated: new Int32Array(3),
    };
    const mean = meanBySubject([8, 9, 9], { ...beside, ...three }, 2);
    expect(mean.vectors).toEqual(encoded.vectors); // toEqual tells -0 from 0
  });

  test("makes nothing of nothing", () => {
    const none = {
      vectors: new Float32Array(),
      tokens: new Int32Array(),
      chunks: new Int32Array(),
      truncated: new Int32Array(),
    };
    expect(meanBySubject([], none, 2)).toEqual({ ids: [], texts: new Int32Array(), ...none });
  });
});
