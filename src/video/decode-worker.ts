// The thread that reads and decodes one source; reader.ts starts it. Forward passes block the thread they run in, and a live
// source has to be read meanwhile.
import { parentPort, workerData, type TransferListItem } from 'node:worker_threads';
import { packError } from '../common/wire.js';
import { Session } from './session.js';
import type { DecodeTask, Order, Report } from './messages.js';
import { paced } from './pace.js';
import type { VideoFrame } from './picture.js';
import { Slot } from './slot.js';

const port = parentPort!;
const { data: task } = workerData as { data: DecodeTask };
const stopping = new AbortController();
const { signal } = stopping;

const report = (message: Report, transfer: TransferListItem[] = []): void => port.postMessage(message, transfer);

/** Reads ahead into the slot; what went wrong, once it is over. */
async function fill(session: Session, slot: Slot<VideoFrame>, isLive: boolean): Promise<unknown> {
  try {
    const frames = session.frames((error) => report({ kind: 'break', error: packError(error) }));
    for await (const frame of isLive && session.comesInPieces ? paced(frames, signal) : frames) await slot.put(frame);
    return undefined;
  } catch (error) {
    return error;
  } finally {
    slot.close();
  }
}

async function run(): Promise<void> {
  const orders = new Slot<true>(false);
  port.on('message', (order: Order) => {
    if (order === 'next') return void orders.put(true);
    stopping.abort();
    orders.close();
  });
  const session = await Session.open(task, signal);
  const isLive = task.live ?? session.info.live;
  report({ kind: 'open', info: { ...session.info, live: isLive }, length: session.length });
  const slot = new Slot<VideoFrame>(isLive);
  signal.addEventListener('abort', () => slot.close());
  const filled = fill(session, slot, isLive);
  try {
    while (await orders.take()) {
      const frame = await slot.take();
      if (!frame) break;
      const { buffer } = frame.picture.data;
      report({ kind: 'frame', frame, dropped: slot.dropped }, [buffer as ArrayBuffer]);
    }
    slot.close();
    const error = await filled;
    const { damage } = session;
    if (error === undefined || signal.aborted) report({ kind: 'end', dropped: slot.dropped, damage });
    else report({ kind: 'error', error: packError(error), damage });
  } finally {
    await session.close();
  }
}

try {
  await run();
} catch (error) {
  report(signal.aborted ? { kind: 'end', dropped: 0 } : { kind: 'error', error: packError(error) });
} finally {
  port.close();
}
