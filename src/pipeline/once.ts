/** What `make` gives, made at the first call with this name. */
export function once<K, T>(made: Map<K, T>, name: K, make: () => T): T {
  const known = made.get(name) ?? make();
  made.set(name, known);
  return known;
}
