/** An object with some of its fields left out. */
export function without<T extends object, Name extends keyof T>(fields: T, ...names: Name[]): Omit<T, Name> {
  const kept = Object.entries(fields).filter(([name]) => !(names as PropertyKey[]).includes(name));
  return Object.fromEntries(kept) as Omit<T, Name>;
}
