/** What bytes are, whatever their file is called. */
export interface Content {
  /** With its article, for messages: `a Git LFS pointer`. */
  name: string;
  /** The kind of thing: a picture of this format, or something else. */
  kind: 'picture' | 'video' | 'text' | 'pointer' | 'archive' | 'array' | 'dropping' | 'document' | 'nothing';
  /** What to do about it wherever it stands in the place of another file, as a full sentence. */
  todo?: string;
}

type Known = Content & { at?: number; magic: string };

/** What torch.save and NumPy's savez write begins like any other. */
export const PYTHON_ZIP = 'a ZIP archive (or a .npz, or a file of torch.save)';

const CONVERT = 'Convert it to JPEG or PNG.';
const UNPACK = 'Unpack it, and give what it holds.';

/** In the order in which they are tried; `.` in a magic stands for any byte. @source each format's own specification */
const KNOWN: readonly Known[] = [
  picture('a JPEG image', '\xff\xd8\xff'),
  picture('a PNG image', '\x89PNG\r\n\x1a\n'),
  picture('a GIF image', 'GIF8'),
  picture('a WebP image', 'RIFF....WEBP'),
  picture('a TIFF image', 'II*\0'),
  picture('a TIFF image', 'MM\0*'),
  picture('a BigTIFF image', 'II+\0'),
  picture('a BigTIFF image', 'MM\0+'),
  ...['avif', 'avis'].map((brand) => picture('an AVIF image', `....ftyp${brand}`)),
  ...['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'mif1', 'msf1'].map((brand) =>
    picture('a HEIC image', `....ftyp${brand}`, CONVERT),
  ),
  picture('a JPEG 2000 image', '\0\0\0\x0cjP  ', CONVERT),
  picture('a JPEG 2000 image', '\xff\x4f\xff\x51', CONVERT),
  picture('a JPEG XL image', '\0\0\0\x0cJXL ', CONVERT),
  picture('a JPEG XL image', '\xff\x0a', CONVERT),
  picture('a BMP image', 'BM....\0\0\0\0', CONVERT),
  picture('a Photoshop image', '8BPS', CONVERT),
  picture('an OpenEXR image', '\x76\x2f\x31\x01', CONVERT),
  picture('a Windows icon', '\0\0\x01\0', CONVERT),
  picture('a DDS texture', 'DDS ', CONVERT),
  ...['P1', 'P2', 'P3', 'P4', 'P5', 'P6', 'P7', 'Pf', 'PF'].flatMap((magic) =>
    ['\n', ' ', '\r'].map((space) => picture('a Netpbm image', magic + space, CONVERT)),
  ),
  { kind: 'video', name: 'an AVI video', magic: 'RIFF....AVI ' },
  { kind: 'video', name: 'an MP4 or QuickTime video', magic: '....ftyp' },
  { kind: 'video', name: 'a Matroska or WebM video', magic: '\x1a\x45\xdf\xa3' },
  {
    kind: 'dropping',
    name: "an AppleDouble file of macOS (what Finder keeps beside a file, not the file's content)",
    magic: '\0\x05\x16\x07',
    todo: 'Delete it (find . -name "._*" -delete); the file itself has the same name without "._".',
  },
  { kind: 'dropping', name: "Finder's .DS_Store", magic: '\0\0\0\x01Bud1', todo: 'Delete it.' },
  { kind: 'array', name: 'a NumPy array (.npy)', magic: '\x93NUMPY' },
  { kind: 'array', name: 'an HDF5 file', magic: '\x89HDF\r\n\x1a\n' },
  { kind: 'array', name: 'a MATLAB file', magic: 'MATLAB 5.0 MAT-file' },
  { kind: 'array', name: 'a pickle of Python', magic: '\x80\x02' },
  { kind: 'array', name: 'a pickle of Python', magic: '\x80\x04\x95' },
  { kind: 'array', name: 'a pickle of Python', magic: '\x80\x05\x95' },
  { kind: 'array', name: 'a GGUF model', magic: 'GGUF' },
  { kind: 'archive', name: PYTHON_ZIP, magic: 'PK\x03\x04', todo: UNPACK },
  { kind: 'archive', name: 'a gzip archive', magic: '\x1f\x8b', todo: UNPACK },
  { kind: 'archive', name: 'a bzip2 archive', magic: 'BZh', todo: UNPACK },
  { kind: 'archive', name: 'an xz archive', magic: '\xfd7zXZ\0', todo: UNPACK },
  { kind: 'archive', name: 'a Zstandard archive', magic: '\x28\xb5\x2f\xfd', todo: UNPACK },
  { kind: 'archive', name: 'a 7-Zip archive', magic: '7z\xbc\xaf\x27\x1c', todo: UNPACK },
  { kind: 'archive', name: 'a RAR archive', magic: 'Rar!\x1a\x07', todo: UNPACK },
  { kind: 'archive', name: 'a tar archive', magic: 'ustar', at: 257, todo: UNPACK },
  { kind: 'document', name: 'a PDF document', magic: '%PDF-' },
];

function picture(name: string, magic: string, todo?: string): Known {
  return { kind: 'picture', name, magic, ...(todo && { todo }) };
}

/**
 * What a file is by its first bytes, for messages about one that is not what its name says.
 *
 * @returns undefined for what is not known
 */
export function contentOf(bytes: Uint8Array): Content | undefined {
  if (bytes.length === 0) return { kind: 'nothing', name: 'an empty file', todo: 'Copy or download it again.' };
  const known = KNOWN.find(({ magic, at = 0 }) => matches(bytes, at, magic));
  if (known) return { kind: known.kind, name: known.name, ...(known.todo && { todo: known.todo }) };
  return textContent(bytes) ?? (isZero(bytes) ? zeros(bytes.length) : undefined);
}

/** Texts by how they begin, a byte order mark and blanks left out. */
function textContent(bytes: Uint8Array): Content | undefined {
  const wide = wideText(bytes);
  if (wide) return { kind: 'text', name: `text in ${wide}`, todo: narrowing(wide) };
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 1024))
    .toString('latin1')
    .replace(/^\xef\xbb\xbf/, '')
    .trimStart();
  if (/^version https:\/\/(git-lfs\.github\.com|hawser\.github\.com)\/spec\//.test(head))
    return { kind: 'pointer', name: 'a Git LFS pointer', todo: 'Fetch the file that it stands for: git lfs pull.' };
  if (/^(\.\.\/|\/)*\.?(git\/)?annex\/objects\//.test(head))
    return { kind: 'pointer', name: 'a git-annex pointer', todo: 'Fetch the file that it stands for: git annex get.' };
  if (/^<(!doctype html|html|head|body|script|!--)/i.test(head)) {
    const todo = 'Download the file itself: such a page comes where a login, a consent or another address is needed.';
    return { kind: 'text', name: 'an HTML page', todo };
  }
  if (/^(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*(<!doctype svg[^>]*>\s*)?<svg[\s>]/is.test(head))
    return { kind: 'picture', name: 'an SVG drawing', todo: CONVERT };
  if (/^<\?xml|^<Error>/i.test(head)) {
    const todo = 'Download the file itself: storage services answer with XML where they refuse.';
    return { kind: 'text', name: 'an XML document', todo };
  }
  return undefined;
}

/** An encoding of text whose units are wider than a byte. */
export type WideText = 'UTF-16LE' | 'UTF-16BE' | 'UTF-32';

/** The encoding where bytes are text in one, by their byte order mark, or by the zeros in every other place of plain letters. */
export function wideText(bytes: Uint8Array): WideText | undefined {
  if (matches(bytes, 0, '\xff\xfe\0\0') || matches(bytes, 0, '\0\0\xfe\xff')) return 'UTF-32';
  if (matches(bytes, 0, '\xff\xfe')) return 'UTF-16LE';
  if (matches(bytes, 0, '\xfe\xff')) return 'UTF-16BE';
  const head = bytes.subarray(0, Math.min(512, bytes.length - (bytes.length % 2)));
  if (head.length < 8) return undefined;
  const isText = (byte: number): boolean => (byte >= 32 && byte < 127) || byte === 9 || byte === 10 || byte === 13;
  // Some characters may be none of ASCII.
  const most = (head.length / 2) * 0.875;
  const plain = (zero: 0 | 1): number =>
    head.filter((byte, i) => i % 2 === zero && byte === 0 && isText(head[i ^ 1]!)).length;
  return plain(1) >= most ? 'UTF-16LE' : plain(0) >= most ? 'UTF-16BE' : undefined;
}

/** What to do about text in such an encoding. */
export function narrowing(wide: WideText): string {
  return `Save it as UTF-8 (iconv -f ${wide} -t UTF-8).`;
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

function zeros(length: number): Content {
  const todo = 'Copy or download it again: a copy that was broken off, or a full disk, leaves such files.';
  return { kind: 'nothing', name: `${length} bytes that are all zero`, todo };
}

function matches(bytes: Uint8Array, at: number, magic: string): boolean {
  if (bytes.length < at + magic.length) return false;
  for (let i = 0; i < magic.length; i++) if (magic[i] !== '.' && bytes[at + i] !== magic.charCodeAt(i)) return false;
  return true;
}
