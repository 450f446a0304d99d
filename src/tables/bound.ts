/**
 * SQL that computes a value once and uses it several times under a name; an expression that is repeated as text is computed, and planned,
 * each time.
 *
 * @param name - Lower case, unlike any column in scope
 */
export function bound(value: string, name: string, use: string): string {
  return `list_transform([${value}], ${name} -> ${use})[1]`;
}
