/**
 * Cuts tokens into the fewest chunks of at most `maxTokens`, of nearly equal length: a short last chunk would weigh as much in the mean
 * as a full one.
 */
export function splitChunks(
  tokens: readonly number[],
  maxTokens: number,
): readonly (readonly number[])[] {
  const chunks = Math.ceil(tokens.length / maxTokens);
  const cut = (index: number): number => Math.round((index * tokens.length) / chunks);
  return Array.from({ length: chunks }, (_, index) => tokens.slice(cut(index), cut(index + 1)));
}
