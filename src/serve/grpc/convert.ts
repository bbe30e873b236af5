import type { Inference } from '../inference.js';
import type { Id } from '../protocol/json.js';
import { type InferRequest, readInferFields } from '../protocol/request.js';
import { datatypeOf } from '../protocol/response.js';
import { shown, wrong } from '../protocol/wrong.js';

/** A parameter's value; one of them is set, whole numbers as digits. */
interface Parameter {
  boolParam?: boolean;
  int64Param?: string;
  stringParam?: string;
  doubleParam?: number;
  uint64Param?: string;
}

interface InputTensor {
  name: string;
  datatype: string;
  shape: string[];
  parameters: Record<string, Parameter>;
  contents?: { intContents: number[]; uintContents: number[]; fp32Contents: number[]; bytesContents: Uint8Array[] };
}

/** A `ModelInferRequest`. */
export interface InferMessage {
  modelName: string;
  modelVersion: string;
  id: string;
  parameters: Record<string, Parameter>;
  inputs: InputTensor[];
  outputs: { name: string; parameters: Record<string, Parameter> }[];
  rawInputContents: Uint8Array[];
}

/** Bytes of the length before a BYTES element. */
const PREFIX = 4;

/**
 * Reads a request as that of HTTP is read: its tensors' bytes are those of the binary data extension.
 *
 * @param pixels most pixels of an image
 * @throws as `readInferRequest`
 */
export function readInferMessage(message: InferMessage, pixels: number): InferRequest {
  const { id, inputs, outputs, parameters, rawInputContents: raw } = message;
  if (raw.length > 0 && raw.length !== inputs.length)
    wrong('raw_input_contents', `one for each of ${inputs.length} inputs, or none`, String(raw.length));
  const [first] = inputs;
  if (raw.length > 0 && first?.contents) wrong('inputs.0', 'either contents or raw_input_contents', 'both');
  const bytes = raw[0] ?? elementOf(first);
  const read = inputs.map((input, i) => ({
    ...{ name: input.name, datatype: input.datatype, shape: input.shape.map(Number) },
    parameters: { ...valuesOf(input.parameters), ...(i === 0 && bytes && { binary_data_size: bytes.length }) },
    ...(bytes === undefined && { data: numbersOf(input) }),
  }));
  const fields = {
    ...(id !== '' && { id }),
    parameters: valuesOf(parameters),
    inputs: read,
    ...(outputs.length > 0 && {
      outputs: outputs.map((output) => ({ name: output.name, parameters: valuesOf(output.parameters) })),
    }),
  };
  return readInferFields(fields, bytes, pixels);
}

/** A `ModelInferResponse`: values as bytes, whatever the request has. */
export function inferResponse(
  model: string,
  { id, sequence, outputs: wanted }: Pick<InferRequest, 'id' | 'sequence' | 'outputs'>,
  { level, version, reason, confidence, outputs }: Inference,
): object {
  const names = wanted?.map(({ name }) => name) ?? Object.keys(outputs);
  const values = names.map((name) => ({ name, ...outputs[name]! }));
  return {
    ...{ modelName: model, modelVersion: '1', id: id === undefined ? '' : String(id) },
    parameters: {
      level: { stringParam: level },
      version: { stringParam: version },
      confidence: { doubleParam: confidence },
      ...(reason !== undefined && { reason: { stringParam: reason } }),
      ...(sequence && { sequence_id: idParameter(sequence.id) }),
    },
    outputs: values.map(({ name, data, shape }) => ({ name, datatype: datatypeOf({ data }), shape })),
    rawOutputContents: values.map(({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength)),
  };
}

function valuesOf(parameters: Record<string, Parameter>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(parameters).map(([name, parameter]) => [name, valueOf(parameter)]));
}

function valueOf({ boolParam, int64Param, uint64Param, stringParam, doubleParam }: Parameter): unknown {
  const digits = int64Param ?? uint64Param;
  if (digits === undefined) return boolParam ?? stringParam ?? doubleParam;
  return Number.isSafeInteger(Number(digits)) ? Number(digits) : BigInt(digits);
}

function idParameter(id: Id): Parameter {
  if (typeof id === 'string') return { stringParam: id };
  return id > 0x7fffffffffffffffn ? { uint64Param: String(id) } : { int64Param: String(id) };
}

/** The one element of BYTES contents, as raw contents have it. */
function elementOf({ datatype, contents }: Partial<InputTensor> = {}): Uint8Array | undefined {
  if (datatype !== 'BYTES') return undefined;
  const list = contents?.bytesContents ?? [];
  if (list.length !== 1) wrong('inputs.0.contents.bytes_contents', 'one element', shown(list.length));
  const length = Buffer.alloc(PREFIX);
  length.writeUInt32LE(list[0]!.length);
  return Buffer.concat([length, list[0]!]);
}

function numbersOf({ datatype, contents }: InputTensor): readonly number[] | undefined {
  if (datatype === 'FP32') return contents?.fp32Contents;
  return contents && (contents.uintContents.length > 0 ? contents.uintContents : contents.intContents);
}
