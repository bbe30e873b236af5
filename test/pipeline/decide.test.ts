import { expect } from 'chai';
import { decide, type GraphNode, type Knowledge } from '../../src/pipeline/decide.js';

const node = (id: string, ...inputs: string[]): GraphNode => ({ id, inputs });
/** `b` reads `a`, `c` reads `b`; `alone` reads nothing. */
const GRAPH = [node('a'), node('b', 'a'), node('c', 'b'), node('alone')];

const here: Knowledge = { state: 'here' };
const failed: Knowledge = { state: 'failed' };
const missing = (why = 'it never ran', interrupted = false): Knowledge => ({ state: 'missing', why, interrupted });
const recorded = (files: 'none' | 'writable' | 'lost', interrupted = false): Knowledge => ({
  state: 'recorded',
  files,
  interrupted,
});

/** `a: run! (it never ran)`, with a `!` where it can begin now. */
function decided(known: Record<string, Knowledge>, graph = GRAPH): string[] {
  return decide(graph, known).map(
    ({ id, state, why, ready }) => `${id}: ${state}${ready ? '!' : ''}${why && ` (${why})`}`,
  );
}

describe('pipeline: decide', () => {
  it('leaves results that are there, and what is recorded and nobody reads', () => {
    expect(decided({ a: here, b: recorded('lost'), c: recorded('writable'), alone: here })).to.deep.equal([
      'a: cached',
      'b: recorded',
      'c: recorded',
      'alone: cached',
    ]);
  });

  it('runs what never ran; what comes after it waits, as it may come out as before', () => {
    expect(decided({ a: missing(), alone: missing() })).to.deep.equal([
      'a: run! (it never ran)',
      'b: run (it comes after "a")',
      'c: run (it comes after "b")',
      'alone: run! (it never ran)',
    ]);
  });

  it('runs what is stale for the reason that is known of it', () => {
    expect(decided({ a: here, b: missing('epochs is 8, was 4'), alone: here })[1]).to.equal(
      'b: run! (epochs is 8, was 4)',
    );
  });

  it('goes on with what was interrupted', () => {
    expect(decided({ a: missing('it did not end', true), alone: here })[0]).to.equal('a: resume! (it did not end)');
  });

  it('runs a recorded step for its files alone, the first of them first', () => {
    const known = { a: recorded('lost'), b: recorded('lost'), c: missing('x'), alone: recorded('lost') };
    expect(decided(known)).to.deep.equal([
      'a: run! ("b" needs its files)',
      'b: run ("c" needs its files)',
      'c: run (x)',
      'alone: recorded',
    ]);
    expect(decided({ ...known, a: here }).slice(0, 3)).to.deep.equal([
      'a: cached',
      'b: run! ("c" needs its files)',
      'c: run (x)',
    ]);
  });

  it('goes on with a run of it that was interrupted', () => {
    expect(decided({ a: recorded('lost', true), b: missing(), alone: here })[0]).to.equal(
      'a: resume! ("b" needs its files)',
    );
  });

  it('needs no files of a step that made none', () => {
    expect(decided({ a: recorded('none'), b: missing('x'), alone: here }).slice(0, 2)).to.deep.equal([
      'a: recorded',
      'b: run! (x)',
    ]);
  });

  it('writes files that can be written, which takes no file of the inputs', () => {
    const known = { a: recorded('lost'), b: recorded('writable'), c: missing('x'), alone: here };
    expect(decided(known).slice(0, 3)).to.deep.equal(['a: recorded', 'b: restore!', 'c: run (x)']);
  });

  it('makes no files for a reader that may yet turn out to have its result', () => {
    const graph = [node('a'), node('written'), node('first'), node('reader', 'a', 'written', 'first')];
    const known = { a: recorded('lost'), written: recorded('writable'), first: missing('x') };
    expect(decided(known, graph)).to.deep.equal([
      'a: run ("reader" needs its files)',
      'written: restore',
      'first: run! (x)',
      'reader: run (it comes after "first")',
    ]);
  });

  it('makes them as soon as one of the readers is certain to run', () => {
    const graph = [node('a'), node('first'), node('maybe', 'a', 'first'), node('sure', 'a')];
    const known = { a: recorded('lost'), first: missing('x'), sure: missing('y') };
    expect(decided(known, graph)[0]).to.equal('a: run! ("sure" needs its files)');
    expect(decided(known, [graph[0]!, graph[1]!, graph[3]!, graph[2]!])[0]).to.equal(
      'a: run! ("sure" needs its files)',
    );
  });

  it('names what a step waits for, and counts the others', () => {
    const graph = [node('a'), node('b'), node('c'), node('d', 'a', 'b', 'c')];
    expect(decided({ a: missing(), b: here, c: missing() }, graph)[3]).to.equal(
      'd: run (it comes after "a" and 1 more)',
    );
  });

  describe('where a step failed', () => {
    it('leaves out what needs it, and nothing else', () => {
      expect(decided({ a: failed, alone: missing('x') })).to.deep.equal([
        'a: failed',
        'b: left out (it comes after "a")',
        'c: left out (it comes after "b")',
        'alone: run! (x)',
      ]);
    });

    it('keeps what is recorded of those after it, and leaves out who reads their files', () => {
      const known = { a: failed, b: recorded('lost'), c: missing('x'), alone: here };
      expect(decided(known).slice(0, 3)).to.deep.equal([
        'a: failed',
        'b: recorded',
        'c: left out (it comes after "b")',
      ]);
      expect(decided({ ...known, b: recorded('writable') })[2]).to.equal('c: left out (it comes after "b")');
    });

    it('reads files of those after it that are here', () => {
      expect(decided({ a: failed, b: here, c: missing('x'), alone: here })[2]).to.equal('c: run! (x)');
    });

    it('makes no files for a step that is left out', () => {
      const graph = [node('bad'), node('a'), node('reader', 'bad', 'a')];
      expect(decided({ bad: failed, a: recorded('lost') }, graph)).to.deep.equal([
        'bad: failed',
        'a: recorded',
        'reader: left out (it comes after "bad")',
      ]);
    });
  });

  it('takes nothing but data: what JSON gives back decides the same', () => {
    const known = { a: recorded('lost'), b: missing('x', true) };
    const copy = JSON.parse(JSON.stringify([GRAPH, known])) as [GraphNode[], Record<string, Knowledge>];
    expect(decide(...copy)).to.deep.equal(decide(GRAPH, known));
  });
});
