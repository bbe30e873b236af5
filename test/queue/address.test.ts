import { expect } from 'chai';
import { GearnnError } from '../../src/common/errors.js';
import { parseQueueUrl } from '../../src/queue/address.js';

describe('queue: address', () => {
  it('host, port, database, user and password come out of it; port and database have defaults', () => {
    expect(parseQueueUrl('redis://127.0.0.1')).to.include({ host: '127.0.0.1', port: 6379, database: 0, tls: false });
    expect(parseQueueUrl('rediss://me:p%40ss@[::1]:7000/3')).to.deep.equal({
      ...{ host: '::1', port: 7000, database: 3, username: 'me', password: 'p@ss', tls: true },
      text: 'rediss://[::1]:7000/3',
    });
  });

  for (const wrong of [
    '',
    'localhost:6379',
    'http://a/0',
    'redis:///0',
    'redis://a/x',
    'redis://a/0/1',
    'redis://a/0?b=c',
    'redis://:s3cret@a/x',
  ]) {
    it(`"${wrong}" is refused, without its password`, () => {
      try {
        parseQueueUrl(wrong);
      } catch (error) {
        expect((error as GearnnError).code).to.equal('E_QUEUE_URL');
        expect((error as GearnnError).message).to.not.contain('s3cret');
        return;
      }
      expect.fail('taken');
    });
  }
});
