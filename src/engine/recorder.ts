import tf from '../common/tf.cjs';
import { fail, type ErrorCode, type ErrorParts } from '../common/errors.js';
import { emptied, isRounded, zeros } from './emptied.js';
import { GraphNode, type NodeRef } from './graph.js';
import { aliasOf, nativeId, type NativeBackend, type NativeBinding, type NativeTensor, type OpAttr } from './native.js';

/** Ops that draw numbers anew on every run. */
const RANDOM = /Random|Multinomial|TruncatedNormal/;

/** A tensor that lives outside the graph and is read anew on every run. */
export interface Fed {
  tensor: tf.Tensor;
  node: GraphNode;
}

/**
 * Listens to the native engine while a function runs: notes every op with its inputs and outputs, and raises what cannot
 * become part of a graph.
 */
export class Recorder {
  /** The tensors that the function read from outside. */
  readonly fed: Fed[] = [];
  private readonly known = new Map<number, NodeRef>();
  private readonly outside = new Map<number, { tensor: tf.Tensor; fold: boolean }>();
  /** Data written while recording, which may be read back: it is a constant anyhow. */
  private readonly made = new WeakSet<object>();
  /** What was computed from data written while recording alone, which may be read back too: it is the same on every run. */
  private readonly fixed = new WeakSet<GraphNode>();
  /** What was computed from results that hold no values. */
  private readonly valueless = new WeakSet<GraphNode>();
  private readonly binding: NativeBinding;
  private readonly idsOf: NativeBackend['getInputTensorIds'];
  private lastOp = 'the start of the function';
  private failure: unknown;

  /** @param keepsValues large results are computed as all others: a variable may be made of them */
  constructor(
    private readonly backend: NativeBackend,
    private readonly keepsValues: boolean,
  ) {
    this.binding = backend.binding;
    this.idsOf = backend.getInputTensorIds;
  }

  /** Declares a tensor as an input of the graph. */
  input(tensor: tf.Tensor): GraphNode {
    const node = this.placeholder(tensor);
    this.known.set(this.handleOf(tensor), { node, index: 0 });
    return node;
  }

  /** Declares that a tensor's present value is a constant. */
  constant(tensor: tf.Tensor): void {
    this.known.set(this.handleOf(tensor), this.constantOf(tensor));
  }

  /** Allows a tensor from outside: fed on every run, or, with `fold`, a constant. What was made inside needs no leave. */
  allow(tensor: tf.Tensor, fold = false): void {
    if (!this.made.has(tensor.dataId)) this.outside.set(this.handleOf(tensor), { tensor, fold });
  }

  /** Whether a tensor shares its native handle with one that was declared already. */
  isTaken(tensor: tf.Tensor): boolean {
    const id = this.handleOf(tensor);
    return this.known.has(id) || this.outside.has(id);
  }

  /** The node that made a tensor. */
  refOf(tensor: tf.Tensor, what: string): NodeRef {
    return this.resolve(nativeId(this.backend, tensor), what);
  }

  /** Runs `run` and records it; what it raised is thrown even if it caught that itself. */
  record<T>(run: () => T): T {
    const { backend, binding } = this;
    const random = Math.random;
    const shadows = this.shadows();
    // The addon's own functions are read-only, so they are shadowed, not assigned.
    backend.binding = Object.create(binding, Object.getOwnPropertyDescriptors(this.listeners())) as NativeBinding;
    Object.assign(backend, shadows);
    Math.random = () => this.random();
    try {
      const result = run();
      if (this.failure) throw this.failure;
      return result;
    } catch (error) {
      // An error that the function made of it says more.
      if (error instanceof Error && error.cause !== undefined && error.cause === this.failure) throw error;
      throw this.failure ?? error;
    } finally {
      Math.random = random;
      for (const name of Object.keys(shadows)) delete (backend as unknown as Record<string, unknown>)[name];
      backend.binding = binding;
    }
  }

  private listeners(): Partial<NativeBinding> {
    const { binding } = this;
    return {
      createTensor: (shape: number[], dtype: number, values: ArrayBufferView | unknown[]) => {
        const id = binding.createTensor(shape, dtype, values);
        const node = GraphNode.constant(dtype, shape, values);
        this.fixed.add(node);
        this.known.set(id, { node, index: 0 });
        return id;
      },
      executeOp: (op: string, attrs: OpAttr[], ids: number[], count: number) => {
        const inputs = ids.map((id) => this.resolve(id, op));
        const outputs = binding.executeOp(op, attrs, ids, count);
        const node = new GraphNode(
          op,
          attrs,
          inputs,
          outputs.map(({ dtype, shape }) => ({ dtype, shape })),
        );
        if (!RANDOM.test(op) && inputs.length > 0 && inputs.every((ref) => this.fixed.has(ref.node)))
          this.fixed.add(node);
        const kept = this.withoutValues(node, outputs);
        kept.forEach(({ id }, index) => this.known.set(id, { node, index }));
        this.lastOp = op;
        return kept;
      },
      loadSavedModel: () => this.nested(),
      runSavedModel: () => this.nested(),
    };
  }

  /** Results in the places of an op's own, which hold no values where these are large, and whole numbers that no op refuses as indices. */
  private withoutValues(node: GraphNode, outputs: NativeTensor[]): NativeTensor[] {
    const { binding, valueless } = this;
    if (this.keepsValues) return outputs;
    const isValueless = node.inputs.some((ref) => valueless.has(ref.node));
    if (isValueless && isRounded(binding, node)) return outputs.map((output) => zeros(binding, output));
    const kept = outputs.map((output) => emptied(binding, node.op, output));
    if (isValueless || kept.some((output, i) => output !== outputs[i])) valueless.add(node);
    return kept;
  }

  /** Own properties that hide the backend's methods. */
  private shadows(): Pick<NativeBackend, 'write' | 'readSync' | 'getInputTensorIds'> {
    const { backend } = this;
    const { write, readSync, getInputTensorIds } = backend;
    return {
      write: (...args) => {
        const dataId = write.apply(backend, args);
        this.made.add(dataId);
        return dataId;
      },
      readSync: (dataId) => {
        if (!this.isKnown(dataId)) this.read();
        return readSync.call(backend, dataId);
      },
      getInputTensorIds: (tensors) => {
        for (const { dataId } of tensors as Partial<tf.Tensor>[]) {
          // TensorFlow.js keeps small data in JavaScript until an op needs it; data from outside must not slip in as a constant.
          if (dataId && backend.tensorMap.get(dataId).values !== null && !this.made.has(dataId)) this.capture('an op');
        }
        return getInputTensorIds.call(backend, tensors);
      },
    };
  }

  /** Whether a tensor's values are the same on every run, and there. */
  private isKnown(dataId: object): boolean {
    const { id, values } = this.backend.tensorMap.get(dataId);
    if (this.made.has(dataId) && values !== null) return true;
    const node = this.known.get(id)?.node;
    return node !== undefined && this.fixed.has(node) && !this.valueless.has(node);
  }

  /** A handle from outside, unrecorded also where it is made only now. */
  private handleOf(tensor: tf.Tensor): number {
    const { backend, binding } = this;
    const listening = backend.binding;
    backend.binding = binding;
    try {
      return this.idsOf.call(backend, [tensor])[0]!;
    } finally {
      backend.binding = listening;
    }
  }

  private resolve(id: number, what: string): NodeRef {
    const found = this.known.get(id);
    if (found) return found;
    const allowed = this.outside.get(id) ?? this.capture(what);
    let ref: NodeRef;
    if (allowed.fold) {
      ref = this.constantOf(allowed.tensor);
    } else {
      const node = this.placeholder(allowed.tensor);
      this.fed.push({ tensor: allowed.tensor, node });
      ref = { node, index: 0 };
    }
    this.known.set(id, ref);
    return ref;
  }

  private placeholder({ dataId, shape }: tf.Tensor): GraphNode {
    return GraphNode.placeholder(this.backend.tensorMap.get(dataId).dtype, shape);
  }

  private constantOf({ dataId, shape }: tf.Tensor): NodeRef {
    const { id, dtype, values } = this.backend.tensorMap.get(dataId);
    const { binding } = this;
    // Every other type is read at once: only weights are large, and only numbers have a length known before.
    const node =
      values === null && dtype === binding.TF_FLOAT
        ? GraphNode.frozen(
            dtype,
            shape,
            4,
            () => binding.tensorDataSync(id),
            () => aliasOf(binding, id, dtype).id,
          )
        : GraphNode.constant(dtype, shape, values ?? binding.tensorDataSync(id));
    node.isWritten = false;
    return { node, index: 0 };
  }

  private raise(code: ErrorCode, parts: ErrorParts): never {
    try {
      fail(code, parts);
    } catch (error) {
      this.failure ??= error;
      throw error;
    }
  }

  private read(): never {
    this.raise('E_COMPILE_READ', {
      where: `compile: after ${this.lastOp}`,
      expected: 'a function that leaves its data on the engine',
      got: 'a read of a tensor (data, dataSync, array, arraySync or print)',
      todo: 'Return the tensor and read it after the call.',
    });
  }

  private random(): never {
    this.raise('E_COMPILE_RANDOM', {
      where: `compile: after ${this.lastOp}`,
      expected: 'a function that draws no random numbers in JavaScript',
      got: 'a call of Math.random, whose result would be the same on every run',
      todo: 'Make the random tensor an input, or give the op a seed.',
    });
  }

  private capture(what: string): never {
    this.raise('E_COMPILE_CAPTURE', {
      where: `compile: ${what} after ${this.lastOp}`,
      expected: 'inputs, variables and tensors made inside the function',
      got: 'a tensor that was made outside',
      todo: 'Pass it as an input, or list it in `constants` to freeze its present value.',
    });
  }

  private nested(): never {
    this.raise('E_COMPILE_NESTED', {
      where: `compile: after ${this.lastOp}`,
      expected: 'a function of TensorFlow.js ops',
      got: 'a call of a compiled function or a SavedModel inside it',
      todo: 'Call the plain function inside, and compile the outer one only.',
    });
  }
}
