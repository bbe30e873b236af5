import { expect } from 'chai';
import { rm } from 'node:fs/promises';
import { inOrder, type Json, type Step } from '../../src/pipeline/graph.js';
import { describeStep, resolveStep, type TravellingStep } from '../../src/pipeline/travel.js';
import { fake, runIn, workFolder } from './support/fake-steps.js';

/** `copy` is of some data, `network` reads the copy's hash alone. */
function graph({ data = 'd', rate = 1, version = 1 }: { data?: string; rate?: Json; version?: number } = {}): Step {
  const copy = fake('copy', { settings: { data }, output: { hash: 'h' } });
  return fake('network', { settings: { rate }, version, inputs: { copy } });
}

describe('pipeline: a step that travels', () => {
  let work: string;
  let described: TravellingStep;
  before(async () => {
    work = workFolder();
    const goal = graph();
    const { executor } = await runIn(work, [inOrder([goal])[0]!]);
    await executor.results.lookUp(inOrder([goal]));
    described = JSON.parse(JSON.stringify(describeStep(goal, executor.results))) as TravellingStep;
  });
  after(() => rm(work, { recursive: true, force: true }));

  const arrived = (goal: Step) => resolveStep(described, new Map(inOrder([goal]).map((step) => [step.id, step])));

  it('is found by its id in a graph that was made elsewhere', () => {
    const goal = graph();
    expect(arrived(goal)).to.deep.equal({ step: goal, identity: described.identity });
  });

  for (const [what, goal, got] of [
    ['other settings', graph({ rate: 2 }), 'got another one: rate is 2, was 1'],
    ['another version', graph({ version: 2 }), 'gearnn does this step differently now'],
    [
      'other data before it, though its input comes to the same',
      graph({ data: 'e' }),
      'another "copy" before it: data is "e", was "d"',
    ],
    ['no such step', fake('other'), 'got no such step'],
    [
      'another input',
      fake('network', { inputs: { copy: fake('copy too') } }),
      'got an input that it does not have there, "copy too"',
    ],
  ] as const) {
    it(`is refused where there is ${what}`, () => {
      expect(() => arrived(goal))
        .to.throw(got)
        .with.property('code', 'E_PIPELINE_OTHER_STEP');
    });
  }
});
