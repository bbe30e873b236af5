import { expect } from 'chai';
import { createStepPrinter } from '../../cli/step-printer.js';
import type { StepEvent } from '../../src/pipeline/executor.js';
import type { PlannedStep } from '../../src/pipeline/plan.js';
import type { Step } from '../../src/pipeline/graph.js';

type State = PlannedStep['state'];

/** What is printed for steps `a`, `b`, ... of these states, met in this order, those that run with their end. */
function linesOf(states: Record<string, State>): string[] {
  const lines: string[] = [];
  const planned = Object.entries(states).map(([id, state]): PlannedStep => {
    return { id, kind: 'fake', state, why: 'why', folder: null, bf16: false };
  });
  const { onStart, onStep } = createStepPrinter(planned, (line) => lines.push(line));
  onStart(planned.length);
  for (const { id, state } of planned) {
    const step = { id } as Step;
    const event: StepEvent['event'] = state === 'recorded' ? 'cached' : state;
    onStep({ step, event, why: 'why' });
    if (event !== 'cached') onStep({ step, event: 'done', why: '', seconds: 90 });
  }
  return lines;
}

describe('cli: the lines of a run', () => {
  it('say once how many steps are done already, though the executor comes across them level by level', () => {
    expect(linesOf({ a: 'cached', b: 'run', c: 'recorded', d: 'resume', e: 'cached', f: 'run' })).to.deep.equal([
      '3 of 6 steps are done already',
      '[2/6] b: begins (why)',
      'b: done in 2 min',
      '[4/6] d: goes on (why)',
      'd: done in 2 min',
      '[6/6] f: begins (why)',
      'f: done in 2 min',
    ]);
  });

  it('say nothing of it where none is', () => {
    expect(linesOf({ a: 'run' })).to.deep.equal(['[1/1] a: begins (why)', 'a: done in 2 min']);
  });

  it('say it where all are', () => {
    expect(linesOf({ a: 'cached', b: 'recorded' })).to.deep.equal(['2 of 2 steps are done already']);
  });

  it('count a step once that is done already and runs for its files all the same', () => {
    const lines: string[] = [];
    const { onStart, onStep } = createStepPrinter([], (line) => lines.push(line));
    const [a, b] = [{ id: 'a' } as Step, { id: 'b' } as Step];
    onStart(2);
    onStep({ step: a, event: 'cached', why: '' });
    onStep({ step: a, event: 'run', why: '"b" needs its files' });
    onStep({ step: a, event: 'done', why: '', seconds: 1 });
    onStep({ step: b, event: 'run', why: 'it never ran' });
    expect(lines).to.deep.equal([
      '[1/2] a: begins ("b" needs its files)',
      'a: done in 1.0 s',
      '[2/2] b: begins (it never ran)',
    ]);
  });

  it('name a step that failed, with its message', () => {
    const lines: string[] = [];
    const { onStep } = createStepPrinter([], (line) => lines.push(line));
    onStep({ step: { id: 'a' } as Step, event: 'failed', why: 'no memory' });
    expect(lines).to.deep.equal(['a: failed: no memory']);
  });
});
