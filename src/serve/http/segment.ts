import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { parseLevel } from '../../distort/level.js';
import { encodePng } from '../../image/encode.js';
import { fail } from '../../common/errors.js';
import type { Values } from '../../tasks/arrays.js';
import { requireOutput } from '../answer.js';
import type { Inference, ModelDescription } from '../inference.js';
import { encodedFrame } from '../protocol/image.js';
import { wrong } from '../protocol/wrong.js';
import { bytesOf } from './bodies.js';
import type { ServerContext } from './context.js';
import { infer } from './work.js';

const query = z.strictObject({
  level: z.string().max(200).optional(),
  model: z.string().max(200).optional(),
  sequence_id: z.string().min(1).max(200).optional(),
});

/** An image in, its mask or its class out, for those who want no protocol: `POST /v1/segment` and `POST /v1/predict`. */
export function segmentRoutes(app: FastifyInstance, context: ServerContext): void {
  app.post('/v1/segment', async (request, reply) => {
    const { model, ...answer } = await answerTo(context, request, reply, requireMask);
    if (wantsJson(request.headers.accept)) {
      const { mask } = answer;
      return {
        model,
        ...answer,
        outputs: undefined,
        mask: Buffer.from(mask.buffer, mask.byteOffset, mask.length).toString('base64'),
      };
    }
    const { width, height } = answer;
    return reply.type('image/png').send(await encodePng({ data: answer.mask, width, height, channels: 1 }));
  });
  app.post('/v1/predict', async (request, reply) => {
    const answer = await answerTo(context, request, reply, requireNoMask);
    const { top, outputs } = answer;
    // Of all probabilities the likeliest are enough here; the protocol's output has the others.
    const said = top
      ? { class: top[0]!.class, probability: top[0]!.probability, outputs: undefined }
      : { outputs: Object.fromEntries(Object.entries(outputs).map(([name, values]) => [name, listed(values)])) };
    return { ...answer, mask: undefined, probabilities: undefined, ...said };
  });
}

/** An output as JSON has it: its values in one list, row-major. */
function listed({ shape, data }: Values): object {
  return { shape, data: Array.from(data) };
}

function requireMask(model: ModelDescription): void {
  requireOutput(model, 'mask', model.name, 'POST to /v1/predict for other answers.');
}

function requireNoMask({ name, task, outputs }: ModelDescription): void {
  if (!outputs.some((output) => output.name === 'mask')) return;
  const todo = 'POST to /v1/segment for masks.';
  fail('E_DATA_TASK', { where: name, expected: 'a network without masks', got: `one for ${task}`, todo });
}

async function answerTo(
  context: ServerContext,
  request: FastifyRequest,
  reply: FastifyReply,
  requireWanted: (model: ModelDescription) => void,
): Promise<Inference & { model: string }> {
  const parsed = query.safeParse(request.query);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    wrong(`query ${path.join('.')}`.trim(), 'level, model or sequence_id, each once', message);
  }
  const { model = context.repository.main, sequence_id: sequenceId } = parsed.data;
  // In a query string a plus sign that is not escaped means a space.
  const level = parsed.data.level && parseLevel(parsed.data.level.replaceAll(' ', '+')).text;
  const sequence = sequenceId === undefined ? undefined : { id: sequenceId, start: false, end: false };
  const sized = encodedFrame(bytesOf(request), 'body', context.limits.pixels);
  requireWanted(context.repository.describe(model));
  const answer = await infer(context, request, reply, { ...sized, model, level, sequence });
  void reply.headers({ 'x-gearnn-level': answer.level, 'x-gearnn-confidence': String(answer.confidence) });
  return { ...answer, model };
}

/** Whether the first of the two forms that an Accept header names is JSON; a PNG where it names neither. */
function wantsJson(accept = ''): boolean {
  return /application\/json|image\/(png|\*)/i.exec(accept)?.[0].toLowerCase() === 'application/json';
}
