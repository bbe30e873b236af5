/** A step, as far as deciding about it goes. */
export interface GraphNode {
  id: string;
  /** Ids of the steps that it reads, all of which come before it. */
  inputs: readonly string[];
}

/** What is known of a step. Nothing is, as long as it is open what its inputs come to. */
export type Knowledge =
  /** Its result is here, with its files. */
  | { state: 'here' }
  /** What it came to is known. Its files are not here: it made none, they can be written from that, or making them takes a run. */
  | { state: 'recorded'; files: 'none' | 'writable' | 'lost'; interrupted: boolean }
  /** There is no result for its settings and inputs; `why` is a phrase, such as what differs from an earlier result. */
  | { state: 'missing'; interrupted: boolean; why: string }
  /** It failed in this run. */
  | { state: 'failed' };

/** What is known, by id. */
export type Known = Readonly<Record<string, Knowledge | undefined>>;

/** What to do with a step. */
export interface Decision {
  id: string;
  /**
   * - `cached`: nothing, its result is here
   * - `recorded`: nothing, what it came to is known and nobody needs its files
   * - `restore`: write its files from what it came to
   * - `resume`, `run`: go on with it where it was interrupted, or begin it
   * - `failed`, `left out`: nothing, it or one that it needs failed
   */
  state: 'cached' | 'recorded' | 'restore' | 'resume' | 'run' | 'failed' | 'left out';
  /** As a phrase; empty for what needs no reason. */
  why: string;
  /** Whether it can begin now: all that it reads is here, and no step that has yet to end can make it needless. */
  ready: boolean;
}

/** Who reads a step's files, and whether it is certain to run. */
type Reader = { id: string; certain: boolean };

/**
 * What to do with each step of a graph. A step runs where it has no result, or where one that runs needs its files. One whose inputs
 * have yet to run is taken to run too, but is not ready: its result may be found when they come out as before.
 *
 * @param graph each step after its inputs
 */
export function decide(graph: readonly GraphNode[], known: Known): Decision[] {
  const reachable = reachableIn(graph, known);
  const readers = new Map<string, Reader>();
  // From the last on, as what runs for its files needs its own inputs' files.
  const decisions = [...graph].reverse().map((node): Decision => {
    const decision = decideOne(node, readers.get(node.id), known, reachable);
    if (decision.state === 'run' || decision.state === 'resume') {
      const certain = isCertain(known[node.id], readers.get(node.id));
      for (const input of node.inputs) {
        if (!readers.get(input)?.certain) readers.set(input, { id: node.id, certain });
      }
    }
    return decision;
  });
  return decisions.reverse();
}

/** Steps whose files are here, or can be unless one that has yet to run fails. */
function reachableIn(graph: readonly GraphNode[], known: Known): Set<string> {
  const reachable = new Set<string>();
  const isReachable = ({ id, inputs }: GraphNode): boolean => {
    const own = known[id];
    if (own?.state === 'here' || own?.state === 'failed') return own.state === 'here';
    if (own?.state !== 'recorded' || own.files === 'lost') return inputs.every((input) => reachable.has(input));
    // Writing files takes what the inputs came to, not their files.
    return own.files === 'none' || inputs.every((input) => known[input]?.state !== 'failed');
  };
  for (const node of graph) if (isReachable(node)) reachable.add(node.id);
  return reachable;
}

function decideOne(
  { id, inputs }: GraphNode,
  reader: Reader | undefined,
  known: Known,
  reachable: ReadonlySet<string>,
): Decision {
  const own = known[id];
  const idle = (state: Decision['state'], why = ''): Decision => ({ id, state, why, ready: false });
  if (own?.state === 'here') return idle('cached');
  if (own?.state === 'failed') return idle('failed');
  if (own?.state === 'recorded' && (isWithoutFiles(own) || !reader || !reachable.has(id))) return idle('recorded');
  if (!reachable.has(id))
    return idle('left out', `it comes after ${listed(inputs.filter((input) => !reachable.has(input)))}`);
  const certain = isCertain(own, reader);
  if (own?.state === 'recorded' && own.files === 'writable') return { id, state: 'restore', why: '', ready: certain };
  const isHere = (input: string): boolean => known[input]?.state === 'here' || isWithoutFiles(known[input]);
  const pending = inputs.filter((input) => known[input]?.state !== 'here' && known[input]?.state !== 'recorded');
  const why =
    own?.state === 'missing' ? own.why : own ? `"${reader!.id}" needs its files` : `it comes after ${listed(pending)}`;
  return { id, state: own?.interrupted ? 'resume' : 'run', why, ready: certain && inputs.every(isHere) };
}

/** Whether a step that is to run will, whatever others come to. */
function isCertain(own: Knowledge | undefined, reader: Reader | undefined): boolean {
  return own?.state === 'missing' || (own?.state === 'recorded' && reader?.certain === true);
}

function isWithoutFiles(own: Knowledge | undefined): boolean {
  return own?.state === 'recorded' && own.files === 'none';
}

function listed(ids: readonly string[]): string {
  return `"${ids[0]}"${ids.length > 1 ? ` and ${ids.length - 1} more` : ''}`;
}
