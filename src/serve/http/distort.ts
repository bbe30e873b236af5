import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { fail } from '../../common/errors.js';
import { extensionOf } from '../../distort/distort.js';
import { codesSequences, parseLevel } from '../../distort/level.js';
import { DISTORT_PIXELS } from '../limits.js';
import { encodedFrame } from '../protocol/image.js';
import { wrong } from '../protocol/tensor.js';
import { late } from '../queue.js';
import { bytesOf } from './bodies.js';
import type { ServerContext } from './context.js';
import { requireEngine } from './work.js';

const query = z.strictObject({ level: z.string().max(200) });

/** The engine answers nobody else meanwhile. */
const STEPS = 3;

/** Images under way at a time, each with a copy or two of its pixels in the engine process. */
const AT_ONCE = 4;

/**
 * `POST /v1/distort?level=jpeg=10`: an image in, the image at that level out, byte for byte as `gearnn distort` writes it. Browsers
 * compress JPEGs each in its own way; the page's sliders use this instead.
 */
export function distortRoutes(app: FastifyInstance, context: ServerContext): void {
  let running = 0;
  app.post('/v1/distort', async (request, reply) => {
    const parsed = query.safeParse(request.query);
    if (!parsed.success) wrong('query', 'level, once', parsed.error.issues[0]!.message);
    // In a query string a plus sign that is not escaped means a space.
    const level = parseLevel(parsed.data.level.replaceAll(' ', '+'));
    if (level.steps.length > STEPS) wrong('query level', `at most ${STEPS} steps`, String(level.steps.length));
    if (codesSequences(level)) wrong('query level', 'a level of single pictures, without -gop', level.text);
    const bytes = bytesOf(request);
    encodedFrame(bytes, 'body', Math.min(context.limits.pixels, DISTORT_PIXELS));
    requireEngine(context);
    if (running >= AT_ONCE) {
      fail('E_SERVE_BUSY', {
        where: 'distort',
        expected: `fewer than ${AT_ONCE} images at a time`,
        got: String(running),
        todo: 'Send it again later.',
      });
    }
    running += 1;
    // Whatever a file does to its decoder, it does in a process that is started again.
    const work = context.engine.call('distort', bytes, level.text).finally(() => (running -= 1));
    const file = await within(context.limits.deadline, work);
    const type = extensionOf(level) === '.jpg' ? 'image/jpeg' : 'image/png';
    return reply.type(type).send(Buffer.from(file.buffer, file.byteOffset, file.length));
  });
}

/** @throws E_SERVE_DEADLINE after so many seconds; the work itself goes on */
async function within<T>(seconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => (timer = setTimeout(() => reject(late(seconds)), 1000 * seconds)));
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
