import tf from '../../common/tf.cjs';
import { fail } from '../../common/errors.js';
import { alike, equalAxes, inOrder, reshapedAxes, type Axes } from './axes.js';
import type { HostData } from './model.js';
import { sizeOf, transposedData } from './tensor-data.js';
import { isFloat, type ElementType } from './types.js';

/** Most values of one tensor: 2 GiB of fp32. */
const MOST_VALUES = 2 ** 29;

/** A tensor whose place `i` holds axis `axes[i]` of the value. */
interface Form {
  axes: Axes;
  tensor: tf.Tensor;
}

/**
 * What flows along a name of the graph. Its shape is ONNX's. It lives on the host (constants and what is computed of shapes), on the engine,
 * or on both; there with its axes in any order, which a transposition only notes, and which an operation asks for as it needs it.
 * Its tensors belong to the graph's run: operations never dispose them.
 */
export class Value {
  private readonly forms: Form[] = [];
  /** Values read back from the engine. */
  private read: HostData | undefined;

  private constructor(
    readonly type: ElementType,
    readonly shape: readonly number[],
    private readonly host: HostData | undefined,
  ) {
    requireSize(shape);
  }

  /** One that is known when the graph is built. */
  static ofHost(type: ElementType, shape: readonly number[], data: HostData): Value {
    return new Value(type, shape, data);
  }

  /** As {@link ofHost}, of plain numbers: whole numbers `[length]` by default. */
  static ofNumbers(
    data: readonly number[],
    type: ElementType = 'int64',
    shape: readonly number[] = [data.length],
  ): Value {
    return new Value(type, shape, hostData(type, data));
  }

  /** A tensor whose place `i` holds axis `axes[i]`; default: in order. */
  static of(type: ElementType, tensor: tf.Tensor, axes: Axes = inOrder(tensor.rank)): Value {
    const shape = inOrder(tensor.rank).map((axis) => tensor.shape[axes.indexOf(axis)]!);
    const value = new Value(type, shape, undefined);
    value.forms.push({ axes, tensor });
    return value;
  }

  /** The same value for one run, with which the tensors end that it is asked for in other orders. */
  forRun(): Value {
    const value = new Value(this.type, this.shape, this.host);
    value.forms.push(...this.forms);
    return value;
  }

  get rank(): number {
    return this.shape.length;
  }

  get size(): number {
    return sizeOf(this.shape);
  }

  get isFloat(): boolean {
    return isFloat(this.type);
  }

  /** Whether its values are known without running the graph. */
  get isHost(): boolean {
    return this.host !== undefined;
  }

  /** The order of axes that it has without a copy; that of a constant is its own. */
  get axes(): Axes {
    return this.forms[0]?.axes ?? inOrder(this.rank);
  }

  /** Its values in row-major order; read back from the engine where it lives there, which a graph that is being compiled cannot. */
  data(): HostData {
    return this.host ?? (this.read ??= hostData(this.type, this.tensor().dataSync()));
  }

  /** As numbers: sizes, axes and the like. */
  numbers(): number[] {
    return [...this.data()];
  }

  /** Its tensor with the axes in order. */
  tensor(): tf.Tensor {
    return this.in(inOrder(this.rank));
  }

  /** Its tensor with the axes ordered as asked for; moved at most once for each order. */
  in(axes: Axes): tf.Tensor {
    const found = this.forms.find((form) => equalAxes(form.axes, axes));
    if (found) return found.tensor;
    const from = this.forms[0] ?? this.upload();
    if (equalAxes(from.axes, axes)) return from.tensor;
    const tensor = alike(this.shape, from.axes, axes)
      ? tf.reshape(
          from.tensor,
          axes.map((axis) => this.shape[axis]!),
        )
      : tf.transpose(
          from.tensor,
          axes.map((axis) => from.axes.indexOf(axis)),
        );
    this.forms.push({ axes, tensor });
    return tensor;
  }

  /** Whether the axes lie in that order already, but for ones of size 1. */
  lies(axes: Axes): boolean {
    return this.forms.some((form) => alike(this.shape, form.axes, axes));
  }

  /** The same value with its axes renamed: axis `i` of the result is axis `order[i]`. Nothing moves but whole numbers on the host. */
  transposed(order: Axes): Value {
    const shape = order.map((axis) => this.shape[axis]!);
    // Sizes and places stay where operations can read them.
    if (this.host && !this.isFloat) return Value.ofHost(this.type, shape, transposedData(this.host, this.shape, order));
    const { tensor, axes } = this.forms[0] ?? this.upload();
    return Value.view(
      this.type,
      shape,
      tensor,
      axes.map((axis) => order.indexOf(axis)),
    );
  }

  /** The same values in row-major order under another shape; nothing moves where the order in memory allows it. */
  reshaped(shape: readonly number[]): Value {
    if (this.host) return Value.ofHost(this.type, shape, this.host);
    for (const form of this.forms) {
      const axes = reshapedAxes(this.shape, form.axes, shape);
      if (axes) return Value.view(this.type, shape, form.tensor, axes);
    }
    return Value.of(this.type, tf.reshape(this.tensor(), [...shape]));
  }

  /** The same values called another type. */
  as(type: ElementType): Value {
    if (this.host) return Value.ofHost(type, this.shape, this.host);
    const { tensor, axes } = this.forms[0]!;
    return Value.of(type, tensor.clone(), axes);
  }

  /** Tensors that it holds now. */
  tensors(): tf.Tensor[] {
    return this.forms.map(({ tensor }) => tensor);
  }

  private static view(type: ElementType, shape: readonly number[], tensor: tf.Tensor, axes: Axes): Value {
    return Value.of(
      type,
      tf.reshape(
        tensor,
        axes.map((axis) => shape[axis]!),
      ),
      axes,
    );
  }

  private upload(): Form {
    const form = { axes: inOrder(this.rank), tensor: toTensor(this.type, this.shape, this.host!) };
    this.forms.push(form);
    return form;
  }
}

/** The array that values of a type lie in on the host. */
export function hostData(type: ElementType, values: ArrayLike<number>): HostData {
  if (isFloat(type)) return values instanceof Float32Array ? values : Float32Array.from(values);
  return type === 'bool' ? Uint8Array.from(values, (value) => (value ? 1 : 0)) : Float64Array.from(values);
}

/** The engine's type for one of ONNX's. */
export function engineType(type: ElementType): 'float32' | 'int32' | 'bool' {
  return isFloat(type) ? 'float32' : type === 'bool' ? 'bool' : 'int32';
}

/** Whole numbers beyond 32 bits come only as "to the end": the nearest that the engine has does as well. */
function toTensor(type: ElementType, shape: readonly number[], data: HostData): tf.Tensor {
  const dtype = engineType(type);
  if (dtype !== 'int32') return tf.tensor(data as Float32Array | Uint8Array, [...shape], dtype);
  const clamped = Int32Array.from(data, (value) => Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, value)));
  return tf.tensor(clamped, [...shape], dtype);
}

/** Before anything is allocated. */
export function requireSize(shape: readonly number[]): void {
  const isWhole = shape.every((side) => Number.isInteger(side) && side >= 0);
  if (isWhole && sizeOf(shape) <= MOST_VALUES) return;
  fail('E_ONNX_SIZE', {
    where: 'onnx',
    expected: `sizes from 0 on, of at most ${MOST_VALUES} values together`,
    got: `[${shape}]`,
  });
}
