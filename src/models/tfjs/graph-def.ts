import { z } from 'zod';
import { fail } from '../../common/errors.js';
import { quoted } from '../onnx/names.js';

const whole = z.union([z.number(), z.string()]);
const text = z.union([z.string(), z.array(z.number())]);
const shapeSchema = z.object({
  dim: z.array(z.object({ size: whole.optional() })).optional(),
  unknownRank: z.boolean().optional(),
});

/** A value of an attribute, in the JSON form of TensorFlow's AttrValue: texts in base64, whole numbers as texts. */
const attributeSchema = z.object({
  s: text.optional(),
  i: whole.optional(),
  f: z.union([z.number(), z.string()]).optional(),
  b: z.boolean().optional(),
  type: whole.optional(),
  shape: shapeSchema.optional(),
  list: z.object({ s: z.array(text).optional(), i: z.array(whole).optional() }).optional(),
});
export type Attribute = z.infer<typeof attributeSchema>;

const nodeSchema = z.object({
  name: z.string().min(1),
  op: z.string().min(1),
  input: z.array(z.string()).optional(),
  attr: z.record(z.string(), z.unknown()).nullish(),
});

const tensorInfo = z.object({ name: z.string(), tensorShape: shapeSchema.optional() });
const signatureSchema = z.object({
  inputs: z.record(z.string(), tensorInfo).optional(),
  outputs: z.record(z.string(), tensorInfo).optional(),
});

/** A graph and what it is called with, as `model.json` holds them. */
export const graphSchema = z.object({
  modelTopology: z.object({ node: z.array(nodeSchema).min(1) }),
  signature: signatureSchema.nullish(),
  /** Where older converters put the signature. */
  userDefinedMetadata: z.object({ signature: signatureSchema.nullish() }).nullish(),
});

/** Sizes; undefined for one that is known only when it runs. */
export type Shape = (number | undefined)[];

/** Names of TensorFlow's types that a graph may hold numbers of, by its number. */
const TYPES: Readonly<Record<string, string>> = {
  1: 'DT_FLOAT',
  3: 'DT_INT32',
  4: 'DT_UINT8',
  9: 'DT_INT64',
  10: 'DT_BOOL',
};

/** One operation of TensorFlow. */
export class GraphNode {
  constructor(
    readonly name: string,
    readonly op: string,
    /** Names of values: `node`, or `node:1` for its second. */
    readonly inputs: readonly string[],
    private readonly attributes: Readonly<Record<string, Attribute>>,
  ) {}

  has(name: string): boolean {
    return this.attributes[name] !== undefined;
  }

  number(name: string, otherwise: number): number {
    const { i, f } = this.attributes[name] ?? {};
    return Number(i ?? f ?? otherwise);
  }

  flag(name: string, otherwise = false): boolean {
    return this.attributes[name]?.b ?? otherwise;
  }

  text(name: string, otherwise: string): string {
    const { s } = this.attributes[name] ?? {};
    return s === undefined ? otherwise : decoded(s);
  }

  numbers(name: string, otherwise: number[] = []): number[] {
    return this.attributes[name]?.list?.i?.map(Number) ?? otherwise;
  }

  texts(name: string): string[] {
    return this.attributes[name]?.list?.s?.map(decoded) ?? [];
  }

  /** `DT_FLOAT` */
  type(name: string): string | undefined {
    const type = this.attributes[name]?.type;
    return type === undefined ? undefined : (TYPES[type] ?? String(type));
  }

  shape(name: string): Shape | undefined {
    const { shape } = this.attributes[name] ?? {};
    return shape && sizes(shape);
  }
}

/** A graph of TensorFlow's operations. */
export interface GraphDef {
  nodes: Map<string, GraphNode>;
  /** Names of values, in the order of the model's outputs, and the sizes that it says of them. */
  outputs: Map<string, Shape | undefined>;
  /** Sizes of inputs as the signature says them. */
  inputs: Map<string, Shape | undefined>;
}

/** The graph of a GraphModel's `model.json`. @throws E_TFJS_FILE for two nodes of one name, and inputs that no node makes */
export function graphDefOf({ modelTopology, ...rest }: z.infer<typeof graphSchema>): GraphDef {
  const signature = rest.userDefinedMetadata?.signature ?? rest.signature;
  const nodes = new Map<string, GraphNode>();
  for (const { name, op, input = [], attr } of modelTopology.node) {
    if (nodes.has(name))
      fail('E_TFJS_FILE', { where: 'modelTopology', expected: 'one node of a name', got: `several ${name}` });
    // Names of what only has to be computed before begin with ^.
    const inputs = input.filter((one) => !one.startsWith('^')).map(valueName);
    const attributes = Object.fromEntries(
      Object.entries(attr ?? {}).flatMap(([key, value]) => {
        const { data } = attributeSchema.safeParse(value);
        return data ? [[key, data]] : [];
      }),
    );
    nodes.set(name, new GraphNode(name, op, inputs, attributes));
  }
  const unknown = [...nodes.values()].flatMap(({ name, inputs }) =>
    inputs.filter((one) => !nodes.has(nodeOf(one))).map((one) => `${one} (of ${name})`),
  );
  if (unknown.length > 0)
    fail('E_TFJS_FILE', { where: 'modelTopology', expected: 'inputs that a node makes', got: quoted(unknown) });
  const entries = (infos: Record<string, z.infer<typeof tensorInfo>> | undefined): [string, Shape | undefined][] =>
    Object.values(infos ?? {}).map(({ name, tensorShape }) => [valueName(name), tensorShape && sizes(tensorShape)]);
  const named = entries(signature?.outputs).filter(([name]) => !SILENT.has(nodes.get(nodeOf(name))?.op ?? 'NoOp'));
  return {
    nodes,
    inputs: new Map(entries(signature?.inputs)),
    outputs: new Map(named.length > 0 ? named : ends(nodes)),
  };
}

/** Operations that answer nothing. */
const SILENT: ReadonlySet<string> = new Set(['NoOp', 'Assert', 'Const']);

/** Values that no node takes. */
function ends(nodes: ReadonlyMap<string, GraphNode>): [string, undefined][] {
  const used = new Set([...nodes.values()].flatMap(({ inputs }) => inputs.map(nodeOf)));
  const last = [...nodes.values()].filter(({ name, op }) => !used.has(name) && !SILENT.has(op));
  return last.map(({ name }) => [name, undefined]);
}

/** `node:0` is `node`. */
export function valueName(name: string): string {
  return name.replace(/:0$/, '');
}

/** Name of the node that makes a value, and which of its values it is. */
export function nodeOf(value: string): string {
  return value.replace(/:\d+$/, '');
}

function sizes({ dim = [], unknownRank }: z.infer<typeof shapeSchema>): Shape | undefined {
  if (unknownRank) return undefined;
  return dim.map(({ size = 0 }) => (Number(size) > 0 ? Number(size) : undefined));
}

function decoded(value: string | number[]): string {
  return typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : String.fromCharCode(...value);
}
