import { readBfloat16 } from './passes/bf16.js';
import { aliasOf, DT_BFLOAT16, type NativeBackend, type NativeTensor } from './native.js';
import { handleOf, liveNodes, type ConstantValue, type GraphNode, type NodeRef } from './graph.js';
import { Session, signatureOf } from './session.js';

/** A recording at inputs of some sizes, ready to be loaded. */
export interface SizedGraph {
  /** What the function takes, of any size. */
  inputs: GraphNode[];
  /** What is fed beside that. */
  fed: GraphNode[];
  outputs: NodeRef[];
}

/** A loaded graph at inputs of some sizes. */
export interface Runs {
  /** @param ids handles of the inputs and of what is fed */
  run(ids: number[]): NativeTensor[];
  release(): void;
}

/** Graphs of one function, by their signatures. */
export class SharedGraphs {
  private readonly graphs = new Map<string, SharedGraph>();

  constructor(private readonly backend: NativeBackend) {}

  /** Loads a recording, or lets it take part in the graph of one at other sizes. */
  load(recorded: SizedGraph): Runs {
    const written = liveNodes(recorded.outputs).filter(({ isWritten }) => isWritten);
    const signature = signatureOf([...recorded.inputs, ...recorded.fed, ...written], recorded.outputs);
    const known = this.graphs.get(signature);
    const graph = known ?? new SharedGraph(this.backend, recorded, written);
    if (known) known.admit(recorded, written);
    else this.graphs.set(signature, graph);
    return graph.use(written, () => this.graphs.delete(signature));
  }
}

/**
 * One native graph for recordings of a function that differ in sizes alone. What differs between them, the shapes of inputs and numbers that
 * the function wrote itself (sizes, positions, tables), is an input of the graph; what does not is a constant of it. So a graph that has one
 * size is fed nothing but its inputs, and the first further size loads it anew. Frozen values stay those of the first.
 */
class SharedGraph {
  private readonly frozen: Kept[];
  private readonly first: readonly GraphNode[];
  /** Places in `first` of what differs. */
  private readonly open = new Set<number>();
  private session: Session;
  private users = 0;

  constructor(
    private readonly backend: NativeBackend,
    recorded: SizedGraph,
    written: readonly GraphNode[],
  ) {
    this.first = [...recorded.inputs, ...written];
    this.frozen = frozenIn(recorded).map(({ value }) => keep(backend, value!));
    this.session = this.loaded(recorded, written);
  }

  /** Makes room for other sizes. */
  admit(recorded: SizedGraph, written: readonly GraphNode[]): void {
    const before = this.open.size;
    [...recorded.inputs, ...written].forEach((node, place) => {
      if (!isSame(this.first[place]!, node)) this.open.add(place);
    });
    if (this.open.size === before) return;
    this.session.release();
    this.session = this.loaded(recorded, written);
  }

  use(written: readonly GraphNode[], onLast: () => void): Runs {
    this.users++;
    const { binding } = this.backend;
    const handles = new Map<GraphNode, number>();
    const handle = (node: GraphNode): number => {
      if (!handles.has(node)) handles.set(node, handleOf(binding, node.value!));
      return handles.get(node)!;
    };
    return {
      run: (ids) => this.session.run([...ids, ...this.openOf(written).map(handle)]),
      release: () => {
        for (const id of handles.values()) binding.deleteTensor(id);
        if (--this.users > 0) return;
        onLast();
        this.session.release();
        for (const { id } of this.frozen) binding.deleteTensor(id);
      },
    };
  }

  private loaded(recorded: SizedGraph, written: readonly GraphNode[]): Session {
    frozenIn(recorded).forEach((node, i) => (node.value = this.frozen[i]!.value));
    const open = this.openOf(written);
    const inputs = recorded.inputs.filter((_, place) => this.open.has(place));
    return Session.load(
      this.backend,
      [...recorded.inputs, ...recorded.fed, ...open],
      recorded.outputs,
      new Set([...inputs, ...open]),
    );
  }

  /** Of what a recording wrote, what differs from others. */
  private openOf(written: readonly GraphNode[]): GraphNode[] {
    const before = this.first.length - written.length;
    return written.filter((_, i) => this.open.has(before + i));
  }
}

/** A frozen value and the handle that holds it. */
interface Kept {
  id: number;
  value: ConstantValue;
}

function frozenIn({ outputs }: SizedGraph): GraphNode[] {
  return liveNodes(outputs).filter(({ value, isWritten }) => value && !isWritten);
}

function keep({ binding }: NativeBackend, value: ConstantValue): Kept {
  const id = handleOf(binding, value);
  const kept = {
    ...value,
    read: () => (value.dtype === DT_BFLOAT16 ? readBfloat16(binding, id) : binding.tensorDataSync(id)),
    handle: () => aliasOf(binding, id, value.dtype).id,
  };
  return { id, value: kept };
}

function isSame(a: GraphNode, b: GraphNode): boolean {
  const [left, right] = [a.outputs[0]!.shape, b.outputs[0]!.shape];
  if (left.length !== right.length || left.some((size, i) => size !== right[i])) return false;
  return !a.value || areSame(a.value.read(), b.value!.read());
}

/** Numbers, texts, or bytes of texts. */
function areSame(a: ArrayBufferView | unknown[], b: ArrayBufferView | unknown[]): boolean {
  if (ArrayBuffer.isView(a)) return Buffer.compare(bytesOf(a), bytesOf(b as ArrayBufferView)) === 0;
  const list = b as unknown[];
  return a.length === list.length && a.every((one, i) => one === list[i] || isSameBytes(one, list[i]));
}

function isSameBytes(a: unknown, b: unknown): boolean {
  return a instanceof Uint8Array && b instanceof Uint8Array && Buffer.compare(a, b) === 0;
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
