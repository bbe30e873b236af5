import { expect } from 'chai';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256, canonicalJson } from '../../src/common/files.js';
import type { Json, Step } from '../../src/pipeline/graph.js';
import { readRecord } from '../../src/pipeline/record.js';
import { formerAddress, stampSchema } from '../../src/pipeline/stamp.js';
import { fake, runIn, workFolder } from './support/fake-steps.js';

const ENGINE = { name: 'tensorflow', precision: 'fp32' };

/** What gearnn wrote for a step while addresses had the number of threads in them. */
function formerStamp(threads: number, finished = '2026-01-01T00:00:00.000Z') {
  const engine = { ...ENGINE, threads };
  const work = {
    kind: 'fake',
    version: 1,
    settings: { engine, evaluate: engine, epochs: 2 } satisfies Json,
    inputs: {},
  };
  const [output, notes] = [{ threads }, null];
  const stamp = { format: 'gearnn-step', version: 1, step: { id: 'a', ...work }, finished, seconds: 1, output, notes };
  return { stamp: { ...stamp, files: { 'result.json': 2 } }, address: sha256(canonicalJson(work)) };
}

describe('pipeline: results of before', () => {
  let work: string;
  beforeEach(() => {
    work = workFolder();
  });
  afterEach(() => rm(work, { recursive: true, force: true }));

  const step = (during?: Step['run']): Step =>
    fake('a', { settings: { engine: ENGINE, evaluate: ENGINE, epochs: 2 }, during });
  async function write(threads: number, finished?: string): Promise<string> {
    const { stamp, address } = formerStamp(threads, finished);
    const folder = join(work, 'steps', `fake-${address.slice(0, 16)}`);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'result.json'), '{}');
    await writeFile(join(folder, 'stamp.json'), JSON.stringify(stamp));
    return folder;
  }

  it('in a folder are found where they lie; of several the newest', async () => {
    await write(1, '2026-01-01T00:00:00.000Z');
    const newest = await write(2, '2026-01-03T00:00:00.000Z');
    await write(3, '2026-01-02T00:00:00.000Z');
    const goal = step();
    const { events, executor } = await runIn(work, [goal]);
    expect(events).to.deep.equal(['cached a']);
    expect(await executor.results.folderOf(goal)).to.equal(newest);
    expect(executor.results.outputOf(goal)).to.deep.equal({ threads: 2 });
  });

  it('that did not end go on', async () => {
    const folder = await write(2);
    const started = { ...formerStamp(2).stamp.step, started: '2026-01-01T00:00:00.000Z' };
    await rm(join(folder, 'stamp.json'));
    await writeFile(join(folder, 'started.json'), JSON.stringify(started));
    const seen: string[] = [];
    const goal = step(async (context) => {
      seen.push(await readFile(join(context.folder, 'result.json'), 'utf8'));
      return { output: null };
    });
    expect((await runIn(work, [goal])).events).to.deep.equal(['resume a']);
    expect(seen).to.deep.equal(['{}']);
    expect(await readdir(join(work, 'steps'))).to.have.length(1);
  });

  it('in a record count, and keep their threads and the address that counts are filed under', async () => {
    const path = join(work, 'record.jsonl');
    const { stamp, address } = formerStamp(2);
    await writeFile(path, `${JSON.stringify(stamp)}\n`);
    const { events } = await runIn(work, [step()], { record: await readRecord(path) });
    expect(events).to.deep.equal(['cached a']);
    const found = stampSchema.parse(stamp);
    expect(found).to.deep.include({ version: 2, threads: 2 });
    expect(found.step.settings).to.deep.equal({ engine: ENGINE, evaluate: ENGINE, epochs: 2 });
    expect(formerAddress(found)).to.equal(address);
  });
});
