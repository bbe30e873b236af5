import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../support/sources.js';

const SHIPPED = join(ROOT, 'checkpoints/demo');

describe('scripts: the training of the demo network', () => {
  let clone: string;

  beforeEach(() => {
    clone = mkdtempSync(join(tmpdir(), 'gearnn-train-demo-'));
    for (const path of ['scripts/train-demo.sh', 'checkpoints/demo']) {
      cpSync(join(ROOT, path), join(clone, path), { recursive: true });
    }
    cpSync(join(ROOT, 'test/scripts/support/fake-gearnn.js'), join(clone, 'dist/cli/main.js'));
    writeFileSync(join(clone, 'package.json'), '{ "type": "module" }');
  });

  afterEach(() => rmSync(clone, { recursive: true, force: true }));

  function train(environment: Record<string, string> = {}): { code: number | null; err: string } {
    const { status, stderr } = spawnSync('bash', ['scripts/train-demo.sh'], {
      cwd: clone,
      encoding: 'utf8',
      env: { ...process.env, ...environment },
    });
    return { code: status, err: stderr };
  }

  const read = (path: string): string => readFileSync(join(clone, path), 'utf8');
  const made = (): string[] => read('made.log').trimEnd().split('\n');
  const demo = (path = ''): string[] => readdirSync(join(clone, 'checkpoints/demo', path)).sort();

  it('replaces the network that is shipped with its adaptors, level by level, and no other file', () => {
    mkdirSync(join(clone, 'checkpoints/demo/adaptors/jpeg=3'));
    expect(train()).to.deep.equal({ code: 0, err: '' });
    expect(demo()).to.deep.equal(readdirSync(SHIPPED).sort());
    expect(demo('adaptors')).to.deep.equal(readdirSync(join(SHIPPED, 'adaptors')).sort());
    expect(read('checkpoints/demo/README.md')).to.equal(readFileSync(join(SHIPPED, 'README.md'), 'utf8'));
    expect(read('checkpoints/demo/model.safetensors')).to.equal('train');
    for (const level of demo('adaptors')) {
      expect(demo(`adaptors/${level}`)).to.deep.equal(['adaptor.safetensors', 'adaptor_config.json']);
      expect(read(`checkpoints/demo/adaptors/${level}/adaptor.safetensors`)).to.equal(`finetune ${level} adaptor`);
    }
  });

  it('interrupted, it leaves what is shipped as it was; called again, it makes what is missing', () => {
    expect(train({ STOPS_AT: 'finetune jpeg=20 adaptor' })).to.deep.equal({ code: 1, err: 'interrupted\n' });
    for (const path of ['model.safetensors', 'adaptors/jpeg=5/adaptor.safetensors']) {
      expect(
        Buffer.compare(readFileSync(join(clone, 'checkpoints/demo', path)), readFileSync(join(SHIPPED, path))),
      ).to.equal(0);
    }
    expect(train()).to.deep.equal({ code: 0, err: '' });
    const trained = made().filter((what) => /^(train|finetune)/.test(what));
    expect(trained).to.have.length(15);
    expect(new Set(trained).size).to.equal(15);
    expect(read('checkpoints/demo/model.safetensors')).to.equal('train');
  });

  it('called again when all is there, it trains nothing', () => {
    train();
    expect(train()).to.deep.equal({ code: 0, err: '' });
    expect(made().filter((what) => what.startsWith('train'))).to.have.length(1);
    expect(made().filter((what) => what.startsWith('finetune'))).to.have.length(14);
  });
});
