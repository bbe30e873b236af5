import { z } from 'zod';
import { parseLevel } from '../../distort/level.js';
import { checkPixels, encodedFrame, type SizedFrame } from './image.js';
import { type Id, idOf, parseRequestJson, withoutNulls } from './json.js';
import { bytesOfBinary, bytesOfJson, pixelsOfBinary, pixelsOfJson } from './tensor.js';
import { shown, wrong } from './wrong.js';

/** A frame with what its request says about it. */
export interface AskedFrame extends SizedFrame {
  level?: string;
  sequence?: { id: Id; start: boolean; end: boolean };
  /** Whether it begins or ends a sequence that only a header names. */
  bounds?: { start: boolean; end: boolean };
  /** Seconds that the client allows, by a parameter; a header may say it too. */
  deadline?: number;
}

/** An inference request, read and checked. */
export interface InferRequest extends AskedFrame {
  id?: Id;
  /** The outputs that are asked for, in that order. Default: all. */
  outputs?: readonly AskedOutput[];
  /** Whether outputs go back as bytes where they do not say it. */
  binary: boolean;
}

/** An output that is asked for by name. */
export interface AskedOutput {
  name: string;
  /** Whether it goes back as bytes. */
  binary: boolean;
}

const parameters = z.record(z.string(), z.unknown());

/** The JSON part. Parameters that are not ours are let through, as the protocol asks. */
const envelope = z.object({
  id: z.union([z.string().max(1000), z.number(), z.bigint()]).optional(),
  parameters: parameters
    .and(
      z.object({
        level: z.string().max(200).optional(),
        sequence_id: z.union([z.string().max(200), z.number(), z.bigint()]).optional(),
        sequence_start: z.boolean().optional(),
        sequence_end: z.boolean().optional(),
        timeout: z.number().nonnegative().optional(),
        binary_data_output: z.boolean().optional(),
      }),
    )
    .optional(),
  inputs: z
    .array(
      z.object({
        name: z.string(),
        shape: z
          .array(
            z
              .number()
              .int()
              .min(0)
              .max(2 ** 31),
          )
          .max(8),
        datatype: z.string(),
        parameters: parameters.optional(),
        data: z.unknown().optional(),
      }),
    )
    .length(1),
  outputs: z
    .array(
      z.object({
        name: z.string().max(500),
        parameters: parameters.and(z.object({ binary_data: z.boolean().optional() })).optional(),
      }),
    )
    .max(100)
    .optional(),
});

/** Fields in which null is as good as nothing at all. */
const NESTED = ['parameters', 'inputs', 'outputs'];

/** Extensions of the protocol that are not served: ignored, they would change what an answer means. */
const NOT_SERVED = /^(classification$|shared_memory_)/;

type Input = z.infer<typeof envelope>['inputs'][number];

/**
 * Reads a request of the Open Inference Protocol, with or without its binary data extension.
 *
 * @param headerLength value of the header `Inference-Header-Content-Length`: bytes of JSON before the binary data
 * @param pixels most pixels of an image
 * @throws E_SERVE_REQUEST, E_SERVE_FORMAT, E_SERVE_PIXELS, E_DISTORT_LEVEL
 * @source Open Inference Protocol V2, "Inference"; Triton's "Binary Tensor Data Extension"
 */
export function readInferRequest(body: Buffer, headerLength: string | undefined, pixels: number): InferRequest {
  const at = headerLength === undefined ? body.length : lengthOf(headerLength, body.length);
  const json = withoutNulls(parseRequestJson(body.subarray(0, at)) ?? wrongJson(at), NESTED);
  return readInferFields(json, headerLength === undefined ? undefined : body.subarray(at), pixels);
}

/**
 * Reads the fields of a request, which are named as in its JSON.
 *
 * @param bytes what the request's `binary_data_size` is about; undefined where it has none
 * @throws as {@link readInferRequest}
 */
export function readInferFields(fields: unknown, bytes: Uint8Array | undefined, pixels: number): InferRequest {
  const parsed = envelope.safeParse(fields);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    wrong(path.length > 0 ? path.join('.') : 'request', 'an inference request of the Open Inference Protocol', message);
  }
  const { id, parameters = {}, inputs, outputs } = parsed.data;
  const { level, sequence_start, sequence_end, timeout, binary_data_output } = parameters;
  refuseExtensions(parameters, 'parameters');
  refuseExtensions(inputs[0]!.parameters, 'inputs.0.parameters');
  outputs?.forEach((output, i) => refuseExtensions(output.parameters, `outputs.${i}.parameters`));
  const sequenceId = idOf(parameters.sequence_id, 'parameters.sequence_id');
  const binary = binary_data_output ?? false;
  const sized = readInput(inputs[0]!, bytes, pixels);
  // In Triton's protocol 0 and "" mean no sequence.
  const bounds = { start: sequence_start ?? false, end: sequence_end ?? false };
  const inSequence = sequenceId !== undefined && sequenceId !== 0 && sequenceId !== '';
  return {
    ...sized,
    id: idOf(id, 'id'),
    level: level === undefined ? undefined : parseLevel(level.replaceAll(' ', '+')).text,
    sequence: inSequence ? { id: sequenceId, ...bounds } : undefined,
    bounds,
    // Microseconds, as Triton has it, and 0 for none.
    deadline: timeout ? timeout / 1e6 : undefined,
    outputs: outputs?.map(({ name, parameters: own }) => ({ name, binary: own?.binary_data ?? binary })),
    binary,
  };
}

function lengthOf(text: string, most: number): number {
  const length = Number(text);
  if (!/^[0-9]+$/.test(text) || length > most)
    wrong('Inference-Header-Content-Length', `a whole number up to the body's ${most} bytes`, shown(text));
  return length;
}

function wrongJson(length: number): never {
  wrong('request', 'JSON', length === 0 ? 'nothing' : `${length} bytes of white space`);
}

/** @throws E_SERVE_REQUEST for a parameter of an extension that is not served; 0, false and "" ask for nothing */
function refuseExtensions(given: Record<string, unknown> = {}, where: string): void {
  const name = Object.keys(given).find((key) => NOT_SERVED.test(key) && Boolean(given[key]));
  if (name === undefined) return;
  wrong(
    `${where}.${name}`,
    'no parameter of an extension that this server does not have',
    shown(given[name]),
    'GET /v2 lists its extensions; a mask comes as JSON, or as binary_data.',
  );
}

/** @param binary what follows the JSON; undefined without the extension */
function readInput(input: Input, binary: Uint8Array | undefined, pixels: number): SizedFrame {
  const { name, datatype, shape, parameters = {}, data } = input;
  const bytes = binaryData(parameters['binary_data_size'], binary, data);
  if (name === 'image' && datatype === 'BYTES') {
    if (shape.length === 0 || shape.length > 2 || shape.some((size) => size !== 1))
      wrong('inputs.0.shape', '[1]: one image a request', shown(shape));
    const image = bytes
      ? bytesOfBinary(bytes, 'image')
      : bytesOfJson(data, parameters['content_type'], 'inputs.0.data');
    return encodedFrame(image, 'image', pixels);
  }
  if ((name !== 'image' && name !== 'pixels') || (datatype !== 'UINT8' && datatype !== 'FP32')) {
    wrong('inputs.0', '`image` of BYTES, or `pixels` of UINT8 or FP32', `${shown(name)} of ${shown(datatype)}`);
  }
  const [one, height = 0, width = 0, channels] = shape;
  if (shape.length !== 4 || one !== 1 || channels !== 3 || height === 0 || width === 0)
    wrong('inputs.0.shape', '[1, height, width, 3]', shown(shape));
  checkPixels(width, height, name, pixels);
  const count = height * width * 3;
  const values = bytes
    ? pixelsOfBinary(bytes, datatype, count, name)
    : pixelsOfJson(data, datatype, count, 'inputs.0.data');
  return { frame: { data: values, width, height, channels: 3 }, width, height };
}

/** The input's bytes, or undefined where its data is in the JSON. */
function binaryData(size: unknown, binary: Uint8Array | undefined, data: unknown): Uint8Array | undefined {
  if (size === undefined) {
    if (binary !== undefined && binary.length > 0)
      wrong('inputs.0.parameters.binary_data_size', `the ${binary.length} bytes after the JSON`, 'nothing');
    return undefined;
  }
  if (data !== undefined) wrong('inputs.0', 'either data or binary_data_size', 'both');
  if (binary === undefined || size !== binary.length)
    wrong('inputs.0.parameters.binary_data_size', `${binary?.length ?? 0}, the bytes after the JSON`, shown(size));
  return binary;
}
