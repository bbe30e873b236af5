// The process that distorts images for a server, one at a time; workshop.ts starts and ends it.
import { packError } from '../../common/wire.js';
import { encodeDistorted } from '../../distort/distort.js';
import { parseLevel } from '../../distort/level.js';
import { decodeImage } from '../../image/decode.js';
import type { DistortReply, DistortTask } from './messages.js';

// A terminal's Ctrl-C reaches every process; the server decides when this one goes.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
process.on('message', (task: DistortTask) => void answer(task));

async function answer({ image, level }: DistortTask): Promise<void> {
  let reply: DistortReply;
  try {
    reply = { file: await encodeDistorted(await decodeImage(image, 'body'), parseLevel(level)) };
  } catch (error) {
    reply = { error: packError(error) };
  }
  if (process.connected) process.send!(reply);
}
