import { integers, TYPES } from '../build.js';
import { addTensor, nodeModel, type HostileCase } from './case.js';

const raw = (count: number): Uint8Array => new Uint8Array(count);

/** Weights that are none: sizes, types and data that do not fit each other. */
export function brokenTensors(): HostileCase[] {
  const refused = (name: string, tensor: object, says = /tensor "w"/): HostileCase => ({
    ...{ kind: 'tensor', name, bytes: addTensor(tensor), says },
    codes: ['E_ONNX_FILE'],
  });
  return [
    ...[2 ** 31, 2 ** 31 - 1, 2 ** 32, 2 ** 40, 2 ** 53, 2 ** 62].flatMap((side) => [
      refused(`${side} values, of which there is one`, { dims: [side], floatData: [1] }),
      refused(`${side} values, of which there are none`, { dims: [side] }),
      refused(`${side} values in 4 bytes`, { dims: [side], rawData: raw(4) }),
      refused(`${side} x ${side} values`, { dims: [side, side], floatData: [1] }),
    ]),
    ...[-1, -2, -(2 ** 31), -(2 ** 62)].flatMap((side) => [
      refused(`${side} values`, { dims: [side], floatData: [1] }),
      refused(`${side} x ${side} values`, { dims: [side, side], floatData: [1] }),
    ]),
    refused('a shape of 1,000 axes and no data', { dims: new Array(1000).fill(2) }),
    refused('too few values', { dims: [2], floatData: [1] }),
    refused('too many values', { dims: [2], floatData: [1, 2, 3] }),
    refused('too few bytes', { dims: [2], rawData: raw(7) }),
    refused('too many bytes', { dims: [2], rawData: raw(9) }),
    refused('no side and a value', { dims: [0], floatData: [1] }),
    refused('no side and bytes', { dims: [0], rawData: raw(4) }),
    refused('a number without a value', { dims: [] }),
    refused('values under another type', { dims: [1], dataType: TYPES.int64, floatData: [1] }),
    refused('texts', { dataType: TYPES.string, stringData: [Buffer.from('a')] }),
    refused('a text of a megabyte', { dataType: TYPES.string, stringData: [raw(2 ** 20)] }),
    refused('texts as raw bytes', { dataType: TYPES.string, rawData: raw(4) }),
    refused('texts for 2^40 values', { dims: [2 ** 40], dataType: TYPES.string, stringData: [raw(1)] }),
    {
      ...{ kind: 'bomb', name: 'a million empty texts', codes: ['E_ONNX_FILE'] },
      bytes: addTensor({ dims: [1e6], dataType: TYPES.string, stringData: new Array(1e6).fill(raw(0)) }),
    },
    // complex64, complex128, four of fp8, uint4, int4, fp4, fp8 scales; types that are none.
    ...[0, 14, 15, 17, 18, 19, 20, 21, 22, 23, 24, 99, -1, 2 ** 31 - 1].map((dataType) =>
      refused(`type ${dataType}`, { dataType, rawData: raw(1) }),
    ),
    ...[TYPES.int8, TYPES.uint8, TYPES.int32, TYPES.int64, TYPES.bool].map((dataType): HostileCase => ({
      ...{ kind: 'type', name: `a filter of type ${dataType}`, codes: ['E_ONNX_NODE'], says: /Conv "bad"/ },
      bytes: nodeModel({ op: 'Conv', inputs: ['x', 'w'] }, [
        { name: 'w', dims: [1, 3, 1, 1], dataType, ...(dataType === TYPES.int64 ? { int64Data: [1, 1, 1] } : { int32Data: [1, 1, 1] }) }, // prettier-ignore
      ]),
    })),
    {
      ...{ kind: 'type', name: 'floats and whole numbers in a sum', first: 2 },
      bytes: addTensor({ dataType: TYPES.int64, int64Data: [1] }),
    },
    {
      ...{ kind: 'type', name: 'floats and truths in a sum', first: 2 },
      bytes: addTensor({ dataType: TYPES.bool, int32Data: [1] }),
    },
    {
      ...{ kind: 'type', name: 'a shape of floats', codes: ['E_ONNX_NODE'], says: /Reshape "bad"/ },
      bytes: nodeModel({ op: 'Reshape', inputs: ['x', 'w'] }, [
        { name: 'w', dims: [1], dataType: TYPES.float, floatData: [0.5] },
      ]),
    },
    {
      ...{ kind: 'type', name: 'an input of texts', codes: ['E_ONNX_INPUT', 'E_ONNX_NODE'], says: /x/ },
      bytes: nodeModel({ op: 'Neg' }, [integers('unused', [1])], {
        graph: {
          node: [{ input: ['x'], output: ['y'], opType: 'Neg', name: 'bad' }],
          input: [{ name: 'x', type: { tensorType: { elemType: TYPES.string } } }],
          output: [{ name: 'y' }],
        },
      }),
    },
    ...([[1, 3, 8, 9], [2, 3, 8, 8], [1, 3, 8], [1, 3, 2 ** 31, 8], [1, 3, 2 ** 62, 2 ** 62]] as number[][]).map((shape): HostileCase => ({ kind: 'input', name: `of [${shape}]`, bytes: nodeModel({ op: 'Neg' }, [], { graph: { node: [{ input: ['x'], output: ['y'], opType: 'Neg', name: 'bad' }], input: [{ name: 'x', type: { tensorType: { elemType: TYPES.float, shape: { dim: shape.map((dimValue) => ({ dimValue })) } } } }], output: [{ name: 'y' }] } }), codes: ['E_ONNX_INPUT'], says: /x/ })), // prettier-ignore
  ];
}
