import type { FastifyInstance } from 'fastify';
import { fail } from '../../common/errors.js';
import { openScenes } from '../../data/scenes.js';
import { encodePng } from '../../image/encode.js';
import type { Size } from '../../image/resize.js';
import { wrong } from '../protocol/wrong.js';
import type { ServerContext } from './context.js';

/** The first validation scenes of `scenes:7`, which `checkpoints/demo` was not trained on. */
const SEED = 7;
const COUNT = 4;

/** What a network gets whose checkpoint says no size. */
const SIZE: Size = { height: 128, width: 256 };
/** What a network out of a file gets that takes every size. */
const ANY_SIZE: Size = { height: 256, width: 384 };
/** Larger ones are drawn smaller: drawing takes the server's own time. */
const MOST_PIXELS = 2 ** 18;

/** `GET /samples/0.png` to `3.png`: drawn streets to try a network with, at the size that it was trained for. */
export function sampleRoutes(app: FastifyInstance, { repository }: ServerContext): void {
  const drawn = new Map<string, Promise<Uint8Array>>();
  app.get<{ Params: { name: string }; Querystring: { model?: unknown } }>('/samples/:name', async (request, reply) => {
    const { model = repository.main } = request.query;
    if (typeof model !== 'string') wrong('query model', 'one name of a network', 'several');
    const index = numberOf(request.params.name);
    const { trained, input } = repository.describe(model);
    const { height, width } = within(trained ?? input?.size ?? (input ? ANY_SIZE : SIZE));
    const key = `${index} ${height} ${width}`;
    if (!drawn.has(key)) drawn.set(key, draw(index, { height, width }));
    return reply
      .headers({ 'cache-control': 'private, max-age=3600', 'x-content-type-options': 'nosniff' })
      .type('image/png')
      .send(Buffer.from(await drawn.get(key)!));
  });
}

/** @throws E_SERVE_ROUTE */
function numberOf(name: string): number {
  const index = Number(/^(\d)\.png$/.exec(name)?.[1] ?? COUNT);
  if (index < COUNT) return index;
  fail('E_SERVE_ROUTE', { where: 'address', expected: `/samples/0.png to ${COUNT - 1}.png`, got: name.slice(0, 100) });
}

function within({ height, width }: Size): Size {
  const scale = Math.min(1, Math.sqrt(MOST_PIXELS / (height * width)));
  return { height: Math.max(1, Math.round(height * scale)), width: Math.max(1, Math.round(width * scale)) };
}

async function draw(index: number, { height, width }: Size): Promise<Uint8Array> {
  const argument = `${SEED}@${height}x${width}`;
  const scenes = await openScenes(argument, `scenes:${argument}`);
  return encodePng(await scenes.readImage(scenes.samples('val')[index]!));
}
