/** Groups rows by key. Groups come in order of first appearance, rows keep their order within a group. */
export function groupBy<T>(
  rows: readonly T[],
  key: (row: T) => readonly unknown[],
): readonly (readonly T[])[] {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const name = JSON.stringify(key(row));
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [row]);
    else group.push(row);
  }
  return [...groups.values()];
}
