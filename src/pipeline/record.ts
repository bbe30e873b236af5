import { fail } from '../common/errors.js';
import { writeFileAtomic } from '../common/files.js';
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
}

/**
 * An empty record where there is no file.
 *
 * @throws E_PIPELINE_RECORD with the line that is none
 */
export async function readRecord(path: string): Promise<StepRecord> {
  const text = await readText(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return new StepRecord(lines.map((line, i) => parseLine(line, `${path}: line ${i + 1}`)));
}

/** Writes a record, atomically. */
export async function writeRecord(path: string, stamps: readonly Stamp[]): Promise<void> {
  await writeFileAtomic(path, stamps.map((stamp) => `${JSON.stringify(stamp)}\n`).join(''));
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
