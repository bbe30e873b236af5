import { expect } from 'chai';
import { CleanAnswers } from '../../src/pipeline/steps/clean-answers.js';
import type { Collated } from '../../src/tasks/arrays.js';

describe('clean answers of a run', () => {
  const answersOf = (bytes: number): Collated[] => [
    { labels: { dtype: 'int32', shape: [1, bytes], data: new Uint8Array(bytes) } },
  ];

  it('are made once for what they depend on', async () => {
    const answers = new CleanAnswers();
    let made = 0;
    const make = async (): Promise<Collated[]> => answersOf(++made);
    const first = await answers.of('a', make);
    expect(await answers.of('a', make)).to.equal(first);
    expect(await answers.of('b', make)).to.not.equal(first);
    expect(made).to.equal(2);
  });

  it('make room for later ones, the oldest first', async () => {
    const answers = new CleanAnswers(100);
    const made: string[] = [];
    const of = (key: string): Promise<Collated[]> =>
      answers.of(key, async () => {
        made.push(key);
        return answersOf(40);
      });
    for (const key of ['a', 'b', 'c', 'b', 'c', 'a']) await of(key);
    expect(made).to.deep.equal(['a', 'b', 'c', 'a']);
  });

  it('are made anew after a failure, and kept by nobody where they are too large', async () => {
    const answers = new CleanAnswers(100);
    const failure = await answers
      .of('a', () => Promise.reject(new Error('cut')))
      .catch((error: Error) => error.message);
    expect(failure).to.equal('cut');
    expect(await answers.of('a', async () => answersOf(200))).to.have.length(1);
    let again = 0;
    await answers.of('a', async () => answersOf(++again));
    expect(again).to.equal(1);
  });
});
