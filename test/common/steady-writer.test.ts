import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, existsSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SteadyWriter } from '../../src/common/steady-writer.js';

describe('common: steady writer', () => {
  let folder: string;
  let reader: number;
  let fd: number;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gearnn-writer-'));
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
    fd = openSync(pipe, 'w');
  });
  afterEach(() => {
    closeSync(fd);
    rmSync(folder, { recursive: true });
  });

  /** What lies in the pipe. */
  function read(): string {
    let text = '';
    const piece = Buffer.alloc(1 << 16);
    for (;;) {
      try {
        const length = readSync(reader, piece);
        if (length === 0) return text;
        text += piece.toString('latin1', 0, length);
      } catch {
        return text;
      }
    }
  }

  it('a result waits for a slow reader, whole and in order, and progress beside it is left out', async () => {
    const writer = new SteadyWriter(fd);
    const long = Array.from({ length: 50_000 }, (_, i) => `line ${i}\n`).join('');
    writer.write(long, 'result');
    writer.write('progress\n', 'progress');
    writer.write('message\n');
    expect(writer.idle).to.equal(false);
    let text = '';
    const reading = setInterval(() => (text += read()), 5);
    await writer.settle(0);
    clearInterval(reading);
    await writer.settle(1000);
    expect((text + read()).replace(/message\n$/, '') === long).to.equal(true);
    writer.close();
    closeSync(reader);
  });

  it('messages that nobody reads are waited for as long as said, and kept up to what there is room for', async () => {
    const writer = new SteadyWriter(fd, { room: 100_000 });
    for (let i = 0; i < 300; i++) writer.write('.'.repeat(1000));
    await writer.settle(1);
    expect(writer.idle).to.equal(false);
    // 64 KiB lie in the pipe.
    expect(writer.dropped).to.be.within(300 - 100 - 66, 300 - 100 - 60);
    writer.close();
    closeSync(reader);
  });

  it('a reader that leaves ends nothing, and is known', () => {
    const writer = new SteadyWriter(fd);
    closeSync(reader);
    writer.write('message\n');
    expect(writer).to.include({ readerLeft: true, idle: true, resultError: undefined });
    writer.close();
  });

  it('a full disk is reported once, by result alone as a fault', function () {
    closeSync(reader);
    if (!existsSync('/dev/full')) this.skip();
    const full = openSync('/dev/full', 'w');
    const errors: (string | undefined)[] = [];
    const writer = new SteadyWriter(full, { onError: ({ code }) => errors.push(code) });
    writer.write('message\n');
    expect(writer.resultError).to.equal(undefined);
    writer.write('result\n', 'result');
    expect(writer.resultError).to.include({ code: 'ENOSPC' });
    expect(errors).to.deep.equal(['ENOSPC']);
    writer.close();
    closeSync(full);
  });
});
