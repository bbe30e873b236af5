import { z } from 'zod';
import { canonicalJson, sha256 } from '../common/files.js';
import { isObject, type Json, type Step } from './graph.js';
import { presentForm } from './migrate.js';

const json: z.ZodType<Json> = z.json();

/** All that a step's result depends on, and its id. */
export const identitySchema = z.strictObject({
  id: z.string(),
  kind: z.string(),
  version: z.int(),
  settings: json,
  /** Hash of what is read of each input's output, or of what is known in its place, by the name that the step knows it under. */
  inputs: z.record(z.string(), z.string()),
});

export type Identity = z.infer<typeof identitySchema>;

/** @param outputs of the step's inputs, by the same names */
export function stepIdentity(step: Step, outputs: Readonly<Record<string, Json>>): Identity {
  const { id, kind, version, known, reads } = step;
  const inputs = Object.fromEntries(
    Object.entries({ ...outputs, ...known }).map(([name, output]) => {
      const read = reads?.[name];
      return [name, hashOf(presentForm(read ? read(output) : output))];
    }),
  );
  // As JSON gives it back, so that what was stored compares equal.
  return { id, kind, version, settings: presentForm(JSON.parse(JSON.stringify(step.settings)) as Json), inputs };
}

/** What the result is addressed by: the same work has the same key, whatever its id. */
export function addressOf({ kind, version, settings, inputs }: Identity): string {
  return hashOf({ kind, version, settings, inputs });
}

function hashOf(value: Json): string {
  return sha256(canonicalJson(value));
}

/** Why a step has another key than it had before, as a phrase: `epochs is 8, was 4`. */
export function differences(before: Identity, now: Identity): string {
  const found: string[] = [];
  if (before.version !== now.version) found.push('gearnn does this step differently now');
  found.push(...changedFields(before.settings, now.settings, ''));
  for (const name of new Set([...Object.keys(before.inputs), ...Object.keys(now.inputs)])) {
    if (before.inputs[name] === now.inputs[name]) continue;
    found.push(`its input "${name}" ${before.inputs[name] && now.inputs[name] ? 'changed' : 'is new or gone'}`);
  }
  const shown = found.slice(0, 3).join(', ');
  return found.length > 3 ? `${shown} and ${found.length - 3} more` : shown;
}

function changedFields(before: Json | undefined, now: Json | undefined, path: string): string[] {
  if (canonicalJson(before ?? null) === canonicalJson(now ?? null)) return [];
  if (isObject(before) && isObject(now)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort();
    return names.flatMap((name) => changedFields(before[name], now[name], path ? `${path}.${name}` : name));
  }
  return [`${path || 'its setting'} is ${brief(now)}, was ${brief(before)}`];
}

function brief(value: Json | undefined): string {
  const text = value === undefined ? 'not set' : JSON.stringify(value);
  return text.length > 24 ? `${text.slice(0, 20)}…` : text;
}
