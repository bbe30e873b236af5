import { expect } from 'chai';
import { gzipSync } from 'node:zlib';
import { contentOf } from '../../src/common/content.js';
import { isDropping, isInDropping } from '../../src/common/droppings.js';
import { textOf } from '../../src/common/text-file.js';

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

const BYTES: [name: string, bytes: Uint8Array, todo: string | undefined][] = [
  ['a Git LFS pointer', latin1('version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n'), 'git lfs pull'],
  ['a git-annex pointer', latin1('/annex/objects/SHA256E-s3--00.png\n'), 'git annex get'],
  ['an HTML page', latin1('\xef\xbb\xbf\n <!DOCTYPE HTML><html>'), 'Download the file itself'],
  ['an HTML page', latin1('<html lang="en">'), 'Download the file itself'],
  [
    'an XML document',
    latin1('<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>'),
    'Download the file itself',
  ],
  ['an SVG drawing', latin1('<?xml version="1.0"?>\n<svg xmlns="x">'), 'Convert it'],
  ['text in UTF-16LE', Buffer.from('\ufeffa.png b.png', 'utf16le'), 'Save it as UTF-8'],
  ['text in UTF-16LE', Buffer.from('a.png b.png\n', 'utf16le'), 'Save it as UTF-8'],
  ['text in UTF-16BE', Buffer.from('a.png b.png\n', 'utf16le').swap16(), 'Save it as UTF-8'],
  ['an empty file', new Uint8Array(0), 'Copy or download it again'],
  ['40 bytes that are all zero', new Uint8Array(40), 'Copy or download it again'],
  ['a gzip archive', gzipSync('x'), 'Unpack it'],
  ['a NumPy array (.npy)', latin1('\x93NUMPY\x01\0'), undefined],
  ['a TIFF image', latin1('MM\0*\0\0\0\x08'), undefined],
  ['a BMP image', latin1('BM\x36\x03\0\0\0\0\0\0\x36'), 'Convert it to JPEG or PNG'],
  ['a HEIC image', latin1('\0\0\0\x18ftypheic\0\0\0\0'), 'Convert it to JPEG or PNG'],
  ['an MP4 or QuickTime video', latin1('\0\0\0\x18ftypisom\0\0\0\0'), undefined],
];

describe('common: what bytes are', () => {
  for (const [name, bytes, todo] of BYTES) {
    it(`${name}, from ${JSON.stringify(Buffer.from(bytes).toString('latin1', 0, 16))}`, () => {
      const content = contentOf(bytes)!;
      expect(content.name).to.contain(name);
      if (todo === undefined) expect(content.todo).to.equal(undefined);
      else expect(content.todo).to.contain(todo);
    });
  }

  it('a safetensors file, plain text and JSON are nothing that it names', () => {
    const header = Buffer.from('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}');
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    for (const bytes of [Buffer.concat([length, header, Buffer.alloc(4)]), latin1('a.png b.png'), latin1('{"a": 1}')])
      expect(contentOf(bytes)).to.equal(undefined);
  });
});

describe('common: text', () => {
  it('a byte order mark is none of its characters, whatever follows', () => {
    for (const text of ['', '# comment\na b\n', '{"a": 1}', 'ä'])
      expect(textOf(Buffer.from(`\ufeff${text}`), 'a')).to.equal(text);
  });

  it('a second mark, and one in the middle, stay', () => {
    expect(textOf(Buffer.from('\ufeff\ufeffa\ufeffb'), 'a')).to.equal('\ufeffa\ufeffb');
  });

  it('UTF-16 and UTF-32 are named, with the file', () => {
    expect(() => textOf(Buffer.from('\ufeffa b', 'utf16le'), 'list.txt')).to.throw('list.txt: expected text in UTF-8');
    expect(() => textOf(latin1('\xff\xfe\0\0a\0\0\0'), 'list.txt')).to.throw('UTF-32');
  });
});

describe('common: droppings', () => {
  const LEFT = ['._a.png', '.DS_Store', 'Thumbs.db', 'thumbs.db', 'desktop.ini', '__MACOSX', '@eaDir', '.directory'];
  it('what file managers and editors leave is told by its name', () => {
    for (const name of [...LEFT, 'a.png~', '~$a.png', '.Trash-1000', '.ipynb_checkpoints'])
      expect(isDropping(name), name).to.equal(true);
    expect(isInDropping('val/__MACOSX/a.png')).to.equal(true);
  });

  it("a user's own names are none, hidden ones and those that begin with _ or ~ among them", () => {
    for (const name of ['a.png', '.a.png', '_a.png', '~a.png', 'Thumbs.png', 'a~b.png', '.hidden.png', 'sync'])
      expect(isDropping(name), name).to.equal(false);
  });
});
