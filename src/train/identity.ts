import { canonicalJson } from '../common/files.js';

/** Everything that the outcome of a run depends on, by name. Two runs of one identity end with the same weights. */
export type RunIdentity = Readonly<Record<string, unknown>>;

/** What runs of earlier versions of gearnn did not note, and how it is called to people. */
const BY_CONTENT: Record<string, string> = {
  content: 'the content of the images and labels trained on',
  cleanContent: 'the content of the images before they were distorted',
  validation: 'the content of the images and labels measured on',
  mixture: 'the levels of the mixture',
  preprocessing: "the base's preprocessing",
};

/** What differs, one line each: `learningRate 0.01 there, 0.02 here`. Long values are named, not shown. */
export function differences(there: RunIdentity, here: RunIdentity): string[] {
  const skipped = new Set(isEarlier(there) ? Object.keys(BY_CONTENT) : []);
  const names = [...new Set([...Object.keys(there), ...Object.keys(here)])].sort();
  return names.flatMap((name) => {
    if (skipped.has(name)) return [];
    const [before, now] = [there[name], here[name]].map((value) => canonicalJson(value ?? null)) as [string, string];
    if (before === now) return [];
    if (Object.hasOwn(BY_CONTENT, name)) return [`${BY_CONTENT[name]!}: ${before} there, ${now} here`];
    return [before.length + now.length > 60 ? name : `${name} ${before} there, ${now} here`];
  });
}

/** What of this run's identity one of an earlier version says nothing of, as people call it. */
export function unrecorded(there: RunIdentity, here: RunIdentity): string[] {
  if (!isEarlier(there)) return [];
  return Object.entries(BY_CONTENT).flatMap(([name, what]) => (name in here ? [what] : []));
}

function isEarlier(there: RunIdentity): boolean {
  return !('content' in there);
}
