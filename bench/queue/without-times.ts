/** Results of an experiment without seconds, the times at which something was, and the command that made them, which has a folder of its own in it. */
export function withoutTimes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutTimes);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([name]) => !['seconds', 'created', 'finished', 'commands'].includes(name));
  return Object.fromEntries(kept.map(([name, own]) => [name, withoutTimes(own)]));
}
