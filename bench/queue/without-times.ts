/** Results of an experiment without seconds, and the times at which something was. */
export function withoutTimes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutTimes);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([name]) => !['seconds', 'created', 'finished'].includes(name));
  return Object.fromEntries(kept.map(([name, own]) => [name, withoutTimes(own)]));
}
