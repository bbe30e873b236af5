import { fail } from '../../common/errors.js';
import type { StateDict } from '../state-dict.js';
import { affineOf, channelShape, isNeutral, weightOf, type ValuesOf } from './affine.js';
import type { OnnxSource } from './config.js';
import { GraphEditor } from './edit.js';
import type { NodeMessage, StringEntry, TensorMessage, ValueInfoMessage } from './messages.js';
import { openOnnx } from './open.js';
import { isSame, learnedOf } from './merge-state.js';
import { sizeOf } from './tensor-data.js';
import { typeNumber, type FloatType } from './types.js';
import { create, newNode, readMessage, writeMessage } from './write.js';

/** The input that says which values are used. */
const LEVEL = 'level';
/** Where the file's metadata name its levels. */
const LEVELS_KEY = 'gearnn.levels';

/** A network's values for one level. */
export interface LevelState {
  level: string;
  /** All of its parameters, in the file's order. */
  state: StateDict;
}

/**
 * Writes a file with the values of several levels inside: an input `level`, int64 `[1]`, is the place in `levels` of those that it computes
 * with. A tensor that differs between them lies in it once per level, and a Gather picks one; scales and shifts are a Mul and an Add behind
 * their layer. Which place is which level, the metadata say under `gearnn.levels`, as JSON.
 *
 * @returns the file's bytes
 * @throws E_USAGE where the file has a value `level`; E_ONNX_FILE where it would be over 2 GB; what reading it throws
 */
export async function writeLevels(source: OnnxSource, levels: readonly LevelState[], out: string): Promise<number> {
  const opened = openOnnx(source);
  const message = readMessage(source.path);
  const editor = new GraphEditor(message);
  if (editor.has(LEVEL))
    fail('E_USAGE', {
      where: source.path,
      expected: `a file without a value of the name ${LEVEL}, which the new input gets`,
      got: 'one that has it',
      todo: 'Export one file per level: --level.',
    });
  const index = editor.unique(`${LEVEL}.index`);
  const first = editor.unique(`${LEVEL}.first`);
  const picks: NodeMessage[] = [newNode('Gather', [LEVEL, first], index)];
  const pick = (name: string, values: Float32Array[], dims: number[], type: FloatType): string => {
    const stack = new Float32Array(levels.length * sizeOf(dims));
    values.forEach((one, i) => stack.set(one, i * sizeOf(dims)));
    picks.push(newNode('Gather', [editor.add(`${name}.levels`, type, [levels.length, ...dims], stack), index], name));
    return name;
  };
  const valuesAt = levels.map(
    ({ state }): ValuesOf =>
      (name) =>
        state.get(name)!,
  );

  // First, as it looks for the constants that the other loop takes away.
  for (const scaled of opened.scaled) {
    const affines = valuesAt.map((values) => affineOf(scaled, editor, values));
    const neutral = affines.map(isNeutral);
    const weight = weightOf(scaled, editor);
    const rank = opened.parameters.find(({ name }) => name === weight.name)!.shape.length;
    const steps = ([['Mul', 'scale'], ['Add', 'shift']] as const).filter(([, kind]) => !neutral.every((one) => one[kind])); // prettier-ignore
    const behind = steps.map(([op, kind]) => {
      const values = affines.map((one) => one[kind]);
      const dims = channelShape(scaled.node, values[0]!.length, rank);
      const other = pick(editor.unique(scaled.scale.replace(/scale_*$/, kind)), values, dims, weight.type);
      return (input: string, output: string): NodeMessage => newNode(op, [input, other], output);
    });
    if (behind.length > 0) editor.behind(editor.node(scaled.node), behind);
  }
  for (const { name, shape, data } of learnedOf(opened)) {
    const values = valuesAt.map((of) => of(name).data);
    if (values.some((one) => !isSame(one, values[0]!))) {
      const { type } = editor.source(name);
      editor.remove(name);
      pick(name, values, shape, type);
    } else if (!isSame(values[0]!, data)) editor.replace(name, values[0]!);
  }

  editor.finish();
  const { graph } = editor;
  graph.initializer.push(create<TensorMessage>('TensorProto', { name: first, dataType: typeNumber('int64'), int64Data: [0] })); // prettier-ignore
  graph.node.unshift(...picks);
  graph.input.push(levelInput());
  message.metadataProps = message.metadataProps.filter(({ key }) => key !== LEVELS_KEY);
  const value = JSON.stringify(levels.map(({ level }) => level));
  message.metadataProps.push(create<StringEntry>('StringStringEntryProto', { key: LEVELS_KEY, value }));
  return writeMessage(out, message);
}

function levelInput(): ValueInfoMessage {
  const tensorType = { elemType: typeNumber('int64'), shape: { dim: [{ dimValue: 1 }] } };
  return create('ValueInfoProto', { name: LEVEL, type: { tensorType } });
}
