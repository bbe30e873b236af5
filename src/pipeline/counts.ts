import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { sha256, writeJsonAtomic } from '../common/files.js';
import { readJsonFile } from '../common/json-file.js';
import type { Step } from './graph.js';
import type { StepResults } from './step-results.js';
import { type Identity, addressOf } from './identity.js';
import { formerAddress, type Stamp } from './stamp.js';
import { COUNTS_FILE, type StoredCounts } from './steps/evaluate.js';
import { readText } from '../common/text-file.js';

/** What `counts.json` beside the results holds: evaluations image by image, small enough to be committed. */
const schema = z.strictObject({
  format: z.literal('gearnn-counts'),
  version: z.literal(1),
  /** What is true of each image, by the start of the text's hash: the same for all evaluations of the same labels. */
  truths: z.record(z.string(), z.string()),
  /** By the address of the step. */
  evaluations: z.record(
    z.string(),
    z.strictObject({ images: z.int(), classes: z.int(), truth: z.string(), answers: z.string() }),
  ),
});

type CountsFile = z.infer<typeof schema>;

const empty = (): CountsFile => ({ format: 'gearnn-counts', version: 1, truths: {}, evaluations: {} });

/**
 * Takes the counts of all evaluations that are done: from their own folders, and from the file where another machine made them. The file
 * then holds these and what it held of other recorded steps, and no more.
 *
 * @param recorded what the record holds
 * @returns by evaluation; those of before counts were kept are left out
 * @throws E_EVAL_COUNTS for a damaged file
 */
export async function collectCounts(
  path: string,
  evaluations: readonly Step[],
  done: StepResults,
  recorded: readonly Stamp[],
): Promise<Map<Step, StoredCounts>> {
  const known = existsSync(path) ? await readCounts(path) : empty();
  const kept = empty();
  const keep = (key: string, packed: StoredCounts): void => {
    const truth = sha256(packed.truth).slice(0, 16);
    kept.truths[truth] = packed.truth;
    kept.evaluations[key] = { ...packed, truth };
  };
  for (const stamp of recorded) {
    const packed = knownCounts(known, stamp);
    if (packed) keep(shortKey(stamp.step), packed);
  }
  const found = new Map<Step, StoredCounts>();
  for (const step of evaluations) {
    const stamp = done.stampOf(step);
    if (!stamp) continue;
    const packed = (await ownCounts(step, done)) ?? knownCounts(known, stamp);
    if (!packed) continue;
    found.set(step, packed);
    keep(shortKey(stamp.step), packed);
  }
  if (found.size > 0) await writeJsonAtomic(path, kept);
  return found;
}

/** Counts of a file by what the record has of their evaluations. @throws E_EVAL_COUNTS for a damaged file */
export async function recordedCounts(path: string): Promise<(stamp: Stamp) => StoredCounts | undefined> {
  const known = await readCounts(path);
  return (stamp) => knownCounts(known, stamp);
}

function shortKey(step: Identity): string {
  return short(addressOf(step));
}

function short(address: string): string {
  return address.slice(0, 16);
}

async function ownCounts(step: Step, done: StepResults): Promise<StoredCounts | undefined> {
  if (!done.hasFiles(step)) return undefined;
  const path = join(await done.folderOf(step), COUNTS_FILE);
  return existsSync(path) ? (JSON.parse(await readText(path)) as StoredCounts) : undefined;
}

/** Under the present address, or the one that the evaluation had in files of before. */
function knownCounts(known: CountsFile, stamp: Stamp): StoredCounts | undefined {
  const former = formerAddress(stamp);
  return countsIn(known, shortKey(stamp.step)) ?? (former === undefined ? undefined : countsIn(known, short(former)));
}

function countsIn({ truths, evaluations }: CountsFile, key: string): StoredCounts | undefined {
  const counts = evaluations[key];
  const truth = counts && truths[counts.truth];
  return truth === undefined ? undefined : { ...counts!, truth };
}

function readCounts(path: string): Promise<CountsFile> {
  return readJsonFile(path, schema, {
    code: 'E_EVAL_COUNTS',
    expected: 'counts per image, as gearnn run writes them',
    todo: 'Take the file back from version control, or delete it; gearnn run writes a new one.',
  });
}
