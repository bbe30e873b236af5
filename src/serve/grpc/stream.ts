import { ROOT_CONTEXT } from '@opentelemetry/api';
import type { handleBidiStreamingCall, ServerDuplexStream } from '@grpc/grpc-js';
import type { ServerContext } from '../http/context.js';
import { describeError } from '../http/errors.js';
import type { Asking } from '../work.js';
import { admit, askingOf, counted, read, statusOf } from './calls.js';
import type { InferMessage } from './convert.js';
import { inferMessage } from './infer.js';
import { encode } from './messages.js';

/** A stream of requests that is answered in their order, of which no more are taken at a time than run together twice. */
export class OpenStream {
  private waiting = 0;
  private last: Promise<void> = Promise.resolve();
  private isOver = false;

  constructor(
    private readonly context: ServerContext,
    private readonly call: ServerDuplexStream<Buffer, Buffer>,
  ) {
    // Each request has a span of its own.
    const asking = askingOf(call, ROOT_CONTEXT);
    call.on('data', (bytes: Buffer) => this.take(bytes, asking));
    call.on('end', () => this.finish());
    // A client that leaves is no fault.
    call.on('error', () => {});
  }

  /** Answers what has come, and ends. */
  finish(): void {
    if (this.isOver) return;
    this.isOver = true;
    void this.last.then(() => this.call.end());
  }

  private take(bytes: Buffer, asking: Asking): void {
    if (this.isOver) return;
    const most = 2 * this.context.limits.batch;
    if (++this.waiting >= most) this.call.pause();
    const { trace, done } = counted(this.context, this.call, 'ModelStreamInfer');
    const answer = this.answer(bytes, { ...asking, trace }).then(({ message, code }) => {
      done(code);
      return message;
    });
    this.last = this.last.then(async () => {
      const message = await answer;
      if (!this.call.cancelled && !this.call.write(encode('ModelStreamInferResponse', message)))
        await new Promise((resolve) => this.call.once('drain', resolve).once('cancelled', resolve));
      if (this.waiting-- === most) this.call.resume();
    });
  }

  private async answer(bytes: Buffer, asking: Asking): Promise<{ message: object; code: number }> {
    let id = '';
    try {
      const message = read<InferMessage>('ModelInferRequest', bytes);
      ({ id } = message);
      return { message: { inferResponse: await inferMessage(this.context, message, asking) }, code: 200 };
    } catch (error) {
      const described = describeError(error as Error, this.context);
      const errorMessage = `${described.code} ${described.message}`;
      return { message: { errorMessage, inferResponse: { id } }, code: described.status };
    }
  }
}

/** @param streams those that are open */
export function streamHandler(
  context: ServerContext,
  streams: Set<OpenStream>,
): handleBidiStreamingCall<Buffer, Buffer> {
  return (call) => {
    try {
      admit(context, call, ['infer']);
    } catch (error) {
      call.on('error', () => {});
      call.emit('error', statusOf(describeError(error as Error, context), context));
      return;
    }
    const stream = new OpenStream(context, call);
    streams.add(stream);
    for (const event of ['close', 'cancelled', 'finish']) call.once(event, () => streams.delete(stream));
  };
}
