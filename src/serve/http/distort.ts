import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { extensionOf } from '../../distort/distort.js';
import { codesSequences, parseLevel } from '../../distort/level.js';
import { DISTORT_PIXELS } from '../limits.js';
import { encodedFrame } from '../protocol/image.js';
import { wrong } from '../protocol/wrong.js';
import { bytesOf } from './bodies.js';
import type { ServerContext } from './context.js';
import { leaving } from './work.js';

const query = z.strictObject({ level: z.string().max(200) });

/** Others wait meanwhile. */
const STEPS = 3;

/**
 * `POST /v1/distort?level=jpeg=10`: an image in, the image at that level out, byte for byte as `gearnn distort` writes it. Browsers
 * compress JPEGs each in its own way; the page's sliders use this instead.
 */
export function distortRoutes(app: FastifyInstance, context: ServerContext): void {
  app.post('/v1/distort', async (request, reply) => {
    const parsed = query.safeParse(request.query);
    if (!parsed.success) wrong('query', 'level, once', parsed.error.issues[0]!.message);
    // In a query string a plus sign that is not escaped means a space.
    const level = parseLevel(parsed.data.level.replaceAll(' ', '+'));
    if (level.steps.length > STEPS) wrong('query level', `at most ${STEPS} steps`, String(level.steps.length));
    if (codesSequences(level)) wrong('query level', 'a level of single pictures, without -gop', level.text);
    const bytes = bytesOf(request);
    encodedFrame(bytes, 'body', Math.min(context.limits.pixels, DISTORT_PIXELS));
    const { deadline } = context.limits;
    // Whatever a file does to its decoder, it does in a process that is started again.
    const file = await context.workshop.run({ image: bytes, level: level.text }, deadline, leaving(reply));
    const type = extensionOf(level) === '.jpg' ? 'image/jpeg' : 'image/png';
    return reply.type(type).send(Buffer.from(file.buffer, file.byteOffset, file.length));
  });
}
