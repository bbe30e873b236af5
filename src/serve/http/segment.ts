import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { parseLevel } from '../../distort/level.js';
import { encodePng } from '../../image/encode.js';
import type { TaskName } from '../../tasks/names.js';
import { requireAnswers, SERVED } from '../answer.js';
import type { Inference } from '../inference.js';
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
    const { model, ...answer } = await answerTo(context, request, reply, 'segmentation');
    if (wantsJson(request.headers.accept)) {
      const { mask, ...rest } = answer;
      return { model, ...rest, mask: Buffer.from(mask.buffer, mask.byteOffset, mask.length).toString('base64') };
    }
    const { width, height } = answer;
    return reply.type('image/png').send(await encodePng({ data: answer.mask, width, height, channels: 1 }));
  });
  app.post('/v1/predict', async (request, reply) => {
    const answer = await answerTo(context, request, reply, 'classification');
    const { class: name, probability } = answer.top![0]!;
    // Of all probabilities the likeliest are enough here; the protocol's output has the others.
    return { ...answer, mask: undefined, probabilities: undefined, class: name, probability };
  });
}

async function answerTo(
  context: ServerContext,
  request: FastifyRequest,
  reply: FastifyReply,
  task: TaskName,
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
  const { task: own } = context.repository.describe(model);
  requireAnswers(own, task, model, `POST to ${SERVED[own].route} for the other.`);
  const answer = await infer(context, request, reply, { ...sized, model, level, sequence });
  void reply.headers({ 'x-gearnn-level': answer.level, 'x-gearnn-confidence': String(answer.confidence) });
  return { ...answer, model };
}

/** Whether the first of the two forms that an Accept header names is JSON; a PNG where it names neither. */
function wantsJson(accept = ''): boolean {
  return /application\/json|image\/(png|\*)/i.exec(accept)?.[0].toLowerCase() === 'application/json';
}
