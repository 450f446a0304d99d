/** A list as one that has a first entry. @throws Error for an empty list */
export function nonEmpty<T>([first, ...others]: readonly T[]): [T, ...T[]] {
  if (first === undefined) throw new Error("internal: expected at least one entry");
  return [first, ...others];
}
