import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { parseLevel } from '../../distort/level.js';
import { polygonsFromRle } from '../../detect/outline.js';
import { rleFromText } from '../../detect/rle-text.js';
import { encodePng } from '../../image/encode.js';
import { fail } from '../../common/errors.js';
import type { Values } from '../../tasks/arrays.js';
import { requireOutput, type FoundBox } from '../answer.js';
import type { Inference, ModelDescription } from '../inference.js';
import { encodedFrame } from '../protocol/image.js';
import { inSequence, SEQUENCE } from '../protocol/sequence.js';
import { datatypeOf } from '../protocol/response.js';
import { wrong } from '../protocol/wrong.js';
import { bytesOf } from './bodies.js';
import type { ServerContext } from './context.js';
import { infer } from './work.js';

const query = z.strictObject({
  level: z.string().max(200).optional(),
  model: z.string().max(200).optional(),
  sequence_id: z.string().min(1).max(200).optional(),
});

/** What `POST /v1/predict` takes besides. */
const predictQuery = query.extend({
  /** Names of outputs, with commas between. */
  outputs: z.string().max(10_000).optional(),
  /** How their values are written. */
  values: z.enum(['json', 'base64']).optional(),
  /** How masks of objects are written. */
  masks: z.enum(['rle', 'polygons']).optional(),
});

/** An image in, its mask, class, boxes or numbers out, for those who want no protocol: `POST /v1/segment` and `POST /v1/predict`. */
export function segmentRoutes(app: FastifyInstance, context: ServerContext): void {
  app.post('/v1/segment', async (request, reply) => {
    const asked = readQuery(request, query);
    const { model, ...answer } = await answerTo(context, request, reply, asked, requireMask);
    if (wantsJson(request.headers.accept)) {
      const { mask, outputs } = answer;
      const { foreground } = outputs;
      return {
        ...{ model, ...answer, outputs: undefined, mask: base64(mask) },
        ...(foreground && { foreground: base64(Uint8Array.from(foreground.data, (one) => Math.round(255 * one))) }),
      };
    }
    const { width, height } = answer;
    return reply.type('image/png').send(await encodePng({ data: answer.mask, width, height, channels: 1 }));
  });
  app.post('/v1/predict', async (request, reply) => {
    const { outputs: wanted, values = 'json', masks = 'rle', ...asked } = readQuery(request, predictQuery);
    const names = wanted?.split(',');
    const answer = await answerTo(context, request, reply, asked, (model) => {
      requireNoMask(model);
      for (const name of names ?? []) requireOutput(model, name, 'query outputs', 'GET /v2/models/NAME lists them.');
    });
    const { top, boxes, outputs } = answer;
    // Of all probabilities the likeliest are enough here, and so are the boxes; the protocol's outputs have the others.
    const listed = names ?? (top || boxes ? undefined : Object.keys(outputs));
    return {
      ...{ ...answer, mask: undefined, probabilities: undefined, objects: undefined },
      ...(boxes && masks === 'polygons' && { boxes: boxes.map(outlined) }),
      ...(top && { class: top[0]!.class, probability: top[0]!.probability }),
      outputs: listed && Object.fromEntries(listed.map((name) => [name, written(outputs[name]!, values)])),
    };
  });
}

/** A box whose mask is outlines, as `polygonsFromRle` has them. */
function outlined({ segmentation, ...box }: FoundBox): object {
  if (!segmentation) return box;
  const [height, width] = segmentation.size;
  const rle = rleFromText(segmentation.counts, { width, height }, 'segmentation');
  return { ...box, segmentation: polygonsFromRle(rle) };
}

/** An output in JSON: its values in one list, row-major, or as base64 of their bytes, little-endian. */
function written({ shape, data }: Values, how: 'json' | 'base64'): object {
  if (how === 'json') return { shape, data: Array.from(data) };
  return { shape, datatype: datatypeOf({ data }), base64: base64(data) };
}

function base64({ buffer, byteOffset, byteLength }: Values['data']): string {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength).toString('base64');
}

function requireMask(model: ModelDescription): void {
  requireOutput(model, 'mask', model.name, 'POST to /v1/predict for other answers.');
}

function requireNoMask({ name, task, outputs }: ModelDescription): void {
  if (!outputs.some((output) => output.name === 'mask')) return;
  const todo = 'POST to /v1/segment for masks.';
  fail('E_DATA_TASK', { where: name, expected: 'a network without masks', got: `one for ${task}`, todo });
}

/** @throws E_SERVE_REQUEST */
function readQuery<T extends z.ZodObject>(request: FastifyRequest, schema: T): z.infer<T> {
  const parsed = schema.safeParse(request.query);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  const known = Object.keys(schema.shape);
  const expected = `${known.slice(0, -1).join(', ')} or ${known.at(-1)}, each once`;
  return wrong(`query ${path.join('.')}`.trim(), expected, message);
}

async function answerTo(
  context: ServerContext,
  request: FastifyRequest,
  reply: FastifyReply,
  asked: z.infer<typeof query>,
  requireWanted: (model: ModelDescription) => void,
): Promise<Inference & { model: string }> {
  const { model = context.repository.main, sequence_id: sequenceId } = asked;
  // In a query string a plus sign that is not escaped means a space.
  const level = asked.level && parseLevel(asked.level.replaceAll(' ', '+')).text;
  const sequence = sequenceId === undefined ? undefined : { id: sequenceId, start: false, end: false };
  const sized = encodedFrame(bytesOf(request), 'body', context.limits.pixels);
  requireWanted(context.repository.describe(model));
  const work = inSequence({ ...sized, model, level, sequence }, request.headers[SEQUENCE]);
  const answer = await infer(context, request, reply, work);
  const { level: answered, confidence, reason, version } = answer;
  void reply.headers({
    'x-gearnn-level': answered,
    'x-gearnn-version': version,
    'x-gearnn-confidence': String(confidence),
  });
  if (reason !== undefined) void reply.header('x-gearnn-reason', reason);
  return { ...answer, model };
}

/** Whether the first of the two forms that an Accept header names is JSON; a PNG where it names neither. */
function wantsJson(accept = ''): boolean {
  return /application\/json|image\/(png|\*)/i.exec(accept)?.[0].toLowerCase() === 'application/json';
}
