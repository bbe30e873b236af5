import { fail } from '../common/errors.js';
import { writeFileAtomic } from '../common/files.js';
import { withLock } from '../common/lock.js';
import { addressOf, type Identity } from './identity.js';
import { type Stamp, stampSchema } from './stamp.js';
import { readText } from '../common/text-file.js';

/**
 * What steps came to, without the files they made: a stamp per line. Small enough to be committed beside the results, so that a fresh
 * clone, or another machine that goes on, runs only what is not in it and what the files of which are needed for that.
 */
export class StepRecord {
  private readonly stamps: ReadonlyMap<string, Stamp>;

  constructor(stamps: readonly Stamp[] = []) {
    this.stamps = new Map(stamps.map((stamp) => [addressOf(stamp.step), stamp]));
  }

  find(identity: Identity): Stamp | undefined {
    return this.stamps.get(addressOf(identity));
  }

  /** What the step of an id came to last, whatever it was made from. */
  latest(id: string): Stamp | undefined {
    return [...this.stamps.values()].findLast(({ step }) => step.id === id);
  }

  /** Stamps of other steps than these that an earlier state of the record did not have: another run has added them. */
  addedTo(before: StepRecord, steps: readonly { id: string }[]): Stamp[] {
    const known = new Set(steps.map(({ id }) => id));
    return [...this.stamps.values()].filter(({ step }) => !known.has(step.id) && !before.find(step));
  }
}

/**
 * An empty record where there is no file.
 *
 * @param how `orEmpty`: also where one cannot be read, so that it is written anew
 * @throws E_PIPELINE_RECORD with the line that is none
 */
export async function readRecord(path: string, { orEmpty = false } = {}): Promise<StepRecord> {
  return orEmpty ? read(path).catch(() => new StepRecord()) : read(path);
}

async function read(path: string): Promise<StepRecord> {
  const text = await readText(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return new StepRecord(lines.map((line, i) => parseLine(line, `${path}: line ${i + 1}`)));
}

/** Seconds to wait for another run that writes the record: it takes less than one. */
const PATIENCE = 60;

/**
 * Writes a record anew, atomically, from what it holds at that moment: other runs may do the same.
 *
 * @param how `merge`: what it is to hold, in place of what it holds now; `orEmpty` as of {@link readRecord}
 * @throws E_PIPELINE_RECORD, E_PIPELINE_LOCKED
 */
export async function updateRecord(
  path: string,
  { merge, orEmpty }: { merge: (now: StepRecord) => readonly Stamp[]; orEmpty?: boolean },
): Promise<void> {
  const update = async (): Promise<void> => {
    // Steps of several ids may share a result.
    const byAddress = new Map<string, Stamp>();
    for (const stamp of merge(await readRecord(path, { orEmpty }))) {
      const address = addressOf(stamp.step);
      if (!byAddress.has(address)) byAddress.set(address, stamp);
    }
    const stamps = [...byAddress.values()];
    await writeFileAtomic(path, stamps.map((stamp) => `${JSON.stringify(stamp)}\n`).join(''));
  };
  const onBusy = (holder: string): never =>
    fail('E_PIPELINE_LOCKED', {
      where: path,
      expected: 'no other run to write it for longer than that takes',
      got: `${holder} at work`,
      todo: 'Wait for it, or give another --out.',
    });
  await withLock(`${path}.lock`, update, { patience: PATIENCE, onBusy });
}

function parseLine(line: string, where: string): Stamp {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    value = undefined;
  }
  const { data, error } = stampSchema.safeParse(value);
  if (data) return data;
  return fail('E_PIPELINE_RECORD', {
    where,
    expected: 'the stamp of a step, as gearnn run writes it',
    got:
      value === undefined ? 'no JSON' : `${error.issues[0]!.path.join('.') || 'the line'}: ${error.issues[0]!.message}`,
    todo: 'Take the file back from version control, or add --ignore-record, which writes a new one.',
  });
}
