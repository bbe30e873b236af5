import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { saveAdaptor } from '../../src/adaptor/file.js';
import { compareLevels, listAdaptors } from '../../src/adaptor/list.js';

function write(folder: string, level: string): Promise<void> {
  const network = { name: 'drn-d-22', classes: 1, width: 1 };
  const classes = [{ name: 'road', color: [1, 2, 3] as [number, number, number] }];
  const budget = { text: '0', parameters: 0 };
  const config = { level, base: '00'.repeat(32), network, classes, items: [], parameters: 0, budget, training: {} };
  return saveAdaptor(folder, config, new Map());
}

async function errorOf(promise: Promise<unknown>): Promise<{ code: string; message: string }> {
  return promise.then(
    () => ({ code: 'none', message: '' }),
    (error: { code: string; message: string }) => error,
  );
}

describe('adaptor list', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'gearnn-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('finds the adaptors in a folder, by level, and passes over other things in it', async () => {
    for (const level of ['jpeg=10', 'brightness=0.5', 'jpeg=5']) await write(join(root, level), level);
    mkdirSync(join(root, 'notes'));
    writeFileSync(join(root, 'readme.md'), '');
    const levels = ['brightness=0.5', 'jpeg=5', 'jpeg=10'];
    expect(await listAdaptors(root)).to.deep.equal(levels.map((level) => ({ level, folder: join(root, level) })));
  });

  it('finds those of a checkpoint in its adaptors/, and none where it has no such folder', async () => {
    writeFileSync(join(root, 'config.json'), '{}');
    expect(await listAdaptors(root)).to.deep.equal([]);
    const folder = join(root, 'adaptors', 'jpeg=5');
    await write(folder, 'jpeg=5');
    expect(await listAdaptors(root)).to.deep.equal([{ level: 'jpeg=5', folder }]);
  });

  it('takes an adaptor itself for a list of one', async () => {
    await write(root, 'jpeg=3');
    expect(await listAdaptors(root)).to.deep.equal([{ level: 'jpeg=3', folder: root }]);
  });

  it('refuses two adaptors of one level, naming both', async () => {
    await write(join(root, 'a'), 'jpeg=5');
    await write(join(root, 'b'), 'jpeg=5');
    const { code, message } = await errorOf(listAdaptors(root));
    expect(code).to.equal('E_ADAPTOR');
    expect(message).to.include(join(root, 'a')).and.include(join(root, 'b'));
  });

  it('refuses two writings of one level, naming both', async () => {
    await write(join(root, 'a'), 'jpeg=10');
    await write(join(root, 'b'), 'jpeg=010');
    const { code, message } = await errorOf(listAdaptors(root));
    expect(code).to.equal('E_ADAPTOR');
    expect(message)
      .to.include('jpeg=10')
      .and.include('jpeg=010')
      .and.include(join(root, 'a'))
      .and.include(join(root, 'b'));
  });

  it('names a folder that is not there, and a config that is wrong', async () => {
    expect((await errorOf(listAdaptors(join(root, 'none')))).code).to.equal('E_ADAPTOR');
    mkdirSync(join(root, 'jpeg=5'));
    writeFileSync(join(root, 'jpeg=5', 'adaptor_config.json'), '{"format":');
    const { code, message } = await errorOf(listAdaptors(root));
    expect(code).to.equal('E_ADAPTOR');
    expect(message).to.include(join(root, 'jpeg=5', 'adaptor_config.json'));
  });

  it('orders levels by kind and then as numbers', () => {
    const ordered = ['brightness=0.15', 'brightness=0.2', 'brightness=0.2+jpeg=5', 'brightness=2', 'jpeg=5', 'jpeg=10'];
    expect([...ordered].reverse().sort(compareLevels)).to.deep.equal(ordered);
  });
});
