/** Names for a message: all of them up to 20, else the first 20 and how many there are. */
export function quoted(names: readonly string[]): string {
  return names.length <= 20 ? names.join(', ') : `${names.slice(0, 20).join(', ')} and ${names.length - 20} more`;
}
