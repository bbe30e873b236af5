import type tf from '../../../common/tf.cjs';
import type { Constant } from '../../onnx/model.js';
import { integers, scalar } from '../emitter.js';
import { GraphNode, type Attribute, type GraphDef, type Shape } from '../graph-def.js';

/** As much of a layer of TensorFlow.js as is read: the weights of its kind are properties of it. */
export type KerasLayer = tf.layers.Layer & Readonly<Record<string, unknown>>;

/** What a weight of a layer is, there. */
interface LayerWeight {
  originalName: string;
  read(): tf.Tensor;
}

export type Plain = number | boolean | string | number[] | { float: number };

/** A graph of TensorFlow's operations that grows with the layers of a model. */
export class LayersGraph {
  readonly graph: GraphDef = { nodes: new Map(), inputs: new Map(), outputs: new Map() };
  readonly weights = new Map<string, Constant>();

  /** Adds a node. @returns its name */
  node(op: string, name: string, inputs: readonly string[], attributes: Record<string, Plain> = {}): string {
    const unique = this.unique(name);
    const values = Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, attribute(value)]));
    this.graph.nodes.set(unique, new GraphNode(unique, op, inputs, values));
    return unique;
  }

  /** An input. */
  input(name: string, dtype: string, shape: Shape): void {
    const dim = shape.map((size) => ({ size: size ?? -1 }));
    const type = dtype === 'int32' ? 'DT_INT32' : dtype === 'bool' ? 'DT_BOOL' : 'DT_FLOAT';
    this.graph.nodes.set(name, new GraphNode(name, 'Placeholder', [], { dtype: { type }, shape: { shape: { dim } } }));
    this.graph.inputs.set(name, shape);
  }

  /** A constant under a name; of weights that several layers share, the first one's. */
  constant(name: string, value: Constant): string {
    const unique = this.unique(name);
    this.graph.nodes.set(unique, new GraphNode(unique, 'Const', [], {}));
    this.weights.set(unique, value);
    return unique;
  }

  private readonly read = new Map<LayerWeight, string>();

  weight(weight: LayerWeight): string {
    const known = this.read.get(weight);
    if (known !== undefined) return known;
    const tensor = weight.read();
    const data = Float32Array.from(tensor.dataSync());
    const name = this.constant(weight.originalName, { type: 'float32', shape: tensor.shape, data });
    this.read.set(weight, name);
    return name;
  }

  private unique(name: string): string {
    while (this.graph.nodes.has(name)) name += '_';
    return name;
  }
}

/** One use of a layer: what its translation reads, and the nodes that it makes. */
export class LayerCall {
  readonly config: Readonly<Record<string, unknown>>;

  constructor(
    readonly graph: LayersGraph,
    readonly layer: KerasLayer,
    /** Of the nodes: that of the layer, unless it is used several times. */
    readonly name: string,
    readonly inputShape: Shape,
    readonly outputShape: Shape,
  ) {
    this.config = layer.getConfig();
  }

  /** Adds a node `layer/Op`. @returns its name */
  node(op: string, inputs: readonly string[], attributes?: Record<string, Plain>): string {
    return this.graph.node(op, `${this.name}/${op}`, inputs, attributes);
  }

  /** Name of the weight that a property of the layer holds; undefined where it has none. */
  weight(property: string): string | undefined {
    const weight = this.layer[property] as LayerWeight | null | undefined;
    return weight ? this.graph.weight(weight) : undefined;
  }

  integers(values: readonly number[], shape?: number[]): string {
    return this.graph.constant(`${this.name}/constant`, integers(values, shape));
  }

  scalar(value: number): string {
    return this.graph.constant(`${this.name}/constant`, scalar(value));
  }

  filled(value: number, count: number): string {
    const data = new Float32Array(count).fill(value);
    return this.graph.constant(`${this.name}/constant`, { type: 'float32', shape: [count], data });
  }

  number(key: string, otherwise = 0): number {
    return Number(this.config[key] ?? otherwise);
  }

  numbers(key: string): number[] {
    return [this.config[key]].flat().map(Number);
  }

  text(key: string): string {
    return String(this.config[key]);
  }

  get isChannelsLast(): boolean {
    return (this.config['dataFormat'] ?? 'channelsLast') === 'channelsLast';
  }
}

/**
 * Makes the nodes of a layer.
 *
 * @returns name of the value that it gives; undefined where it does what TensorFlow's operations for GraphModels cannot, or what is not known
 */
export type LayerTranslation = (call: LayerCall, ...inputs: string[]) => string | undefined;
export type LayerFamily = Readonly<Record<string, LayerTranslation>>;

function attribute(value: Plain): Attribute {
  if (typeof value === 'boolean') return { b: value };
  if (typeof value === 'number') return { i: value };
  if (typeof value === 'string') return { s: Buffer.from(value).toString('base64') };
  if (!Array.isArray(value)) return { f: value.float };
  return { list: { i: value } };
}
