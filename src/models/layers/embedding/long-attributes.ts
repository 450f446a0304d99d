/** Attributes with at most this many slots are padded; their sums are those of a padded tensor. */
const mostPaddedSlots = 16;

/** Whether an attribute with this many slots is long: its values are summed as lists, which take no room for values that items lack. */
export function isLong(slots: number): boolean {
  return slots > mostPaddedSlots;
}

/** `R`: how many of the attributes are long. */
export function longAttributes(attributeSlots: readonly number[]): number {
  return attributeSlots.filter(isLong).length;
}
