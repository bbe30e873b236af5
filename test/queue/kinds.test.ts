import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { STEP_KINDS, TRAINING_KINDS } from '../../src/pipeline/step-kinds.js';
import { ADAPTATIONS } from '../../src/train/adaptations/registry.js';
import { GEARNN } from '../support/programs.js';
import { readSource } from '../support/sources.js';

describe('queue: kinds of steps', () => {
  it('have those of every adaptation that a method can train', () => {
    const names = Object.keys(ADAPTATIONS).map((name) => (name === 'whole' ? 'full' : name));
    expect(TRAINING_KINDS).to.include.members(names);
  });

  it('a kind that no step has is refused with those that there are, before anything is connected', () => {
    const places = ['--queue', 'redis://127.0.0.1:1/0', '--store', 'nowhere'];
    const call = [...GEARNN, 'worker', ...places, '--kinds', 'full,adapter'];
    const { status, stderr } = spawnSync(process.execPath, call, { encoding: 'utf8' });
    expect(status).to.equal(2);
    expect(stderr).to.contain(`--kinds: expected some of ${STEP_KINDS.join(',')}, got "adapter"`);
  });

  it('are listed in docs/queue.md', () => {
    const [, listed] = /`--kinds` knows (.*?)\. /s.exec(readSource('docs/queue.md')) ?? [];
    expect([...(listed ?? '').matchAll(/`(\w+)`/g)].map((match) => match[1])).to.deep.equal([...STEP_KINDS]);
  });
});
