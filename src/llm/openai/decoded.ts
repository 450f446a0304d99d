import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";

/**
 * A body without its compression. None is asked for, but some servers and proxies compress all the same.
 *
 * @param encodings - Of the header `content-encoding`
 * @throws Error for another encoding, a damaged body, or one that is longer than `mostBytes`
 */
export function decoded(
  body: Buffer,
  encodings: string | string[] | undefined,
  mostBytes: number,
): Buffer {
  if (encodings === undefined) return body;
  const options = { maxOutputLength: mostBytes };
  const inOrder = [encodings].flat().join(",").toLowerCase().split(",");
  return inOrder.reverse().reduce((bytes, encoding) => {
    switch (encoding.trim()) {
      case "":
      case "identity":
        return bytes;
      case "gzip":
      case "x-gzip":
        return gunzipSync(bytes, options);
      case "deflate":
        return inflateSync(bytes, options);
      case "br":
        return brotliDecompressSync(bytes, options);
      default:
        throw new Error(
          `the server sends content-encoding ${encoding.trim()}, which was not asked for`,
        );
    }
  }, body);
}
