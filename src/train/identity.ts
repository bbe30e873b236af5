import { canonicalJson } from '../common/files.js';

/** Everything that the outcome of a run depends on, by name. Two runs of one identity end with the same weights. */
export type RunIdentity = Readonly<Record<string, unknown>>;

/** What differs, one line each: `learningRate 0.01 there, 0.02 here`. Long values are named, not shown. */
export function differences(there: RunIdentity, here: RunIdentity): string[] {
  const names = [...new Set([...Object.keys(there), ...Object.keys(here)])].sort();
  return names.flatMap((name) => {
    const [before, now] = [there[name], here[name]].map((value) => canonicalJson(value ?? null)) as [string, string];
    if (before === now) return [];
    return [before.length + now.length > 60 ? name : `${name} ${before} there, ${now} here`];
  });
}
