// The thread that reads and decodes one source; reader.ts starts it. Forward passes block the thread they run in, and a live
// source has to be read meanwhile.
import { parentPort, workerData, type TransferListItem } from 'node:worker_threads';
import { packError } from '../common/wire.js';
import { decodeFrames } from './decode.js';
import { Input } from './input.js';
import type { DecodeTask, Order, Report } from './messages.js';
import { paced } from './pace.js';
import type { VideoFrame } from './picture.js';
import { Slot } from './slot.js';

const port = parentPort!;
const { source, live } = (workerData as { data: DecodeTask }).data;
const stopping = new AbortController();
const { signal } = stopping;

const report = (message: Report, transfer: TransferListItem[] = []): void => port.postMessage(message, transfer);

/** Reads ahead into the slot; what went wrong, once it is over. */
async function fill(input: Input, slot: Slot<VideoFrame>, isLive: boolean): Promise<unknown> {
  try {
    const frames = decodeFrames(input);
    for await (const frame of isLive && input.comesInPieces ? paced(frames, signal) : frames) await slot.put(frame);
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
  const input = await Input.open(source, signal);
  const isLive = live ?? input.info.live;
  report({ kind: 'open', info: { ...input.info, live: isLive } });
  const slot = new Slot<VideoFrame>(isLive);
  signal.addEventListener('abort', () => slot.close());
  const filled = fill(input, slot, isLive);
  try {
    while (await orders.take()) {
      const frame = await slot.take();
      if (!frame) break;
      const { buffer } = frame.picture.data;
      report({ kind: 'frame', frame, dropped: slot.dropped }, [buffer as ArrayBuffer]);
    }
    slot.close();
    const error = await filled;
    if (error !== undefined && !signal.aborted) throw error;
    report({ kind: 'end', dropped: slot.dropped });
  } finally {
    await input.close();
  }
}

try {
  await run();
} catch (error) {
  report(signal.aborted ? { kind: 'end', dropped: 0 } : { kind: 'error', error: packError(error) });
} finally {
  port.close();
}
