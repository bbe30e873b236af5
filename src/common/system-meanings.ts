import type { ErrorCode } from './errors.js';

/** What an answer of the operating system means to the user. */
export interface Meaning {
  code: ErrorCode;
  expected: string;
  got: string;
  /** What to do; `AGAIN` becomes how the command goes on. */
  todo: string;
}

/** Stands in a remedy where the way to go on is said. */
export const AGAIN = '{again}';

/** By the system's own code. */
export const MEANINGS: Readonly<Record<string, Meaning>> = {
  ENOENT: {
    code: 'E_FILE_MISSING',
    expected: 'something of that name',
    got: 'nothing',
    todo: 'Make it, or correct the path.',
  },
  ENOTDIR: {
    code: 'E_FILE_KIND',
    expected: 'folders up to there',
    got: 'a file in the place of one',
    todo: 'Correct the path, or move the file away.',
  },
  EISDIR: { code: 'E_FILE_KIND', expected: 'a file', got: 'a folder', todo: 'Give the path of a file.' },
  EEXIST: {
    code: 'E_FILE_TAKEN',
    expected: 'a place for a new file or folder',
    got: 'one that is taken',
    todo: 'Choose another, or move away what is there.',
  },
  ENOTEMPTY: {
    code: 'E_FILE_TAKEN',
    expected: 'an empty folder, or none',
    got: 'one that holds something',
    todo: 'Choose another, or move away what is there; another program may be writing into it.',
  },
  ENAMETOOLONG: {
    code: 'E_FILE_NAME',
    expected: 'a path that the file system takes: 255 bytes a name and 4,095 in all on most',
    got: 'a longer one',
    todo: 'Shorten it.',
  },
  EILSEQ: {
    code: 'E_FILE_NAME',
    expected: 'a name that the file system takes',
    got: 'characters that it refuses',
    todo: 'Rename it.',
  },
  ELOOP: {
    code: 'E_FILE_LOOP',
    expected: 'links that lead to a file or folder',
    got: 'links that lead to each other',
    todo: 'Remove the link, or point it to what is meant.',
  },
  EACCES: {
    code: 'E_FILE_ACCESS',
    expected: 'a path that this user may read and write',
    got: 'one that the system denies',
    todo: 'Choose another, or change the permissions of it and of the folders around it.',
  },
  EPERM: {
    code: 'E_FILE_ACCESS',
    expected: 'a path that this user may change',
    got: 'one that the system protects',
    todo: 'Choose another, or change its owner, permissions or attributes.',
  },
  EROFS: {
    code: 'E_FILE_ACCESS',
    expected: 'a place that can be written',
    got: 'a file system that is mounted for reading only',
    todo: 'Choose a place on another one.',
  },
  EBUSY: {
    code: 'E_FILE_BUSY',
    expected: 'a file or folder that no other program holds',
    got: 'one in use, or one that something is mounted on',
    todo: 'Close what uses it, or choose another place.',
  },
  ETXTBSY: {
    code: 'E_FILE_BUSY',
    expected: 'a file that is not running',
    got: 'a program or library that is',
    todo: 'End it, or choose another place.',
  },
  EXDEV: {
    code: 'E_FILE_DEVICE',
    expected: 'a place on the same file system',
    got: 'one on another, where a file cannot be moved in one step',
    todo: 'Choose a place that no link or mount leads away from.',
  },
  ENOSPC: {
    code: 'E_DISK_FULL',
    expected: 'free space',
    got: 'a full disk, or one that takes no more files (df -h and df -i show which)',
    todo: `Free some, then ${AGAIN}.`,
  },
  EDQUOT: {
    code: 'E_DISK_FULL',
    expected: 'free space',
    got: 'a used-up quota',
    todo: `Free some or have the quota raised, then ${AGAIN}.`,
  },
  EFBIG: {
    code: 'E_FILE_SIZE',
    expected: 'a file no larger than the system allows',
    got: 'one that would be',
    todo: `Raise the limit (ulimit -f) or choose another file system, then ${AGAIN}.`,
  },
  EMFILE: {
    code: 'E_FILES_OPEN',
    expected: 'room for one more open file',
    got: 'as many as this process may have',
    todo: `Raise the limit (ulimit -n 4096) or use fewer --workers, then ${AGAIN}.`,
  },
  ENFILE: {
    code: 'E_FILES_OPEN',
    expected: 'room for one more open file',
    got: 'as many as the whole system may have',
    todo: `End what holds many, or raise fs.file-max, then ${AGAIN}.`,
  },
  EIO: {
    code: 'E_DISK_ERROR',
    expected: 'a device that reads and writes',
    got: 'an error of the device',
    todo: `Look at the disk and its cable (dmesg), or choose another, then ${AGAIN}.`,
  },
  ESTALE: {
    code: 'E_DISK_ERROR',
    expected: 'a file on a server that still has it',
    got: 'one that was removed or replaced there',
    todo: `Mount the network folder anew, then ${AGAIN}.`,
  },
  ENOMEM: {
    code: 'E_MEMORY',
    expected: 'memory',
    got: 'a system that has none left',
    todo: `Close other programs, or use smaller images, a smaller --batch or fewer --workers, then ${AGAIN}.`,
  },
  ENXIO: {
    code: 'E_FILE_KIND',
    expected: 'a file',
    got: 'a device, pipe or socket that nothing stands behind',
    todo: 'Give the path of a file.',
  },
};

/** Other answers that come to the same. */
export const ALIKE: Readonly<Record<string, string>> = {
  EINVAL: 'EILSEQ',
  EAGAIN: 'ENOMEM',
  ENODEV: 'EIO',
  ENOTCONN: 'ESTALE',
  EHOSTDOWN: 'ESTALE',
  EREMOTEIO: 'EIO',
  EUCLEAN: 'EIO',
  EBADMSG: 'EIO',
  ESPIPE: 'ENXIO',
  ENOLCK: 'EBUSY',
  ENOSR: 'ENOMEM',
  ERR_FS_FILE_TOO_LARGE: 'ERR_STRING_TOO_LONG',
};

/** What Node itself refuses before it asks the system. */
export const TOO_LARGE: Meaning = {
  code: 'E_FILE_SIZE',
  expected: 'a file of under 2 GiB, or a text of under 512 MiB',
  got: 'a larger one, or a device that never ends',
  todo: 'Give the path of the file that is meant.',
};
/** A folder that cannot be made although the one around it is there, as in `/proc`. */
export const NO_FOLDERS: Meaning = {
  code: 'E_FILE_ACCESS',
  expected: 'a place where folders can be made',
  got: 'a file system that makes none',
  todo: 'Choose another.',
};
/** What is there already where a folder is to be made, and is none. */
export const NO_FOLDER: Meaning = {
  code: 'E_FILE_TAKEN',
  expected: 'a folder, or a place to make one',
  got: 'a file in the place of a folder, or a link that leads to none',
  todo: 'Choose another, or move away what is there.',
};
export const NUL: Meaning = {
  code: 'E_FILE_NAME',
  expected: 'a path without a NUL character',
  got: 'one that holds it, as a text in UTF-16 does when it is read as UTF-8',
  todo: 'Correct the path where it is written.',
};

/** What libraries say in words, where they hand on no code. */
export const WORDS: readonly [RegExp, string][] = [
  [/No space left on device/i, 'ENOSPC'],
  [/Disk quota exceeded/i, 'EDQUOT'],
  [/File too large/i, 'EFBIG'],
  [/Too many open files in system/i, 'ENFILE'],
  [/Too many open files/i, 'EMFILE'],
  [/Read-only file system/i, 'EROFS'],
  [/File name too long/i, 'ENAMETOOLONG'],
  [/Too many levels of symbolic links/i, 'ELOOP'],
  [/Permission denied/i, 'EACCES'],
  [/Input\/output error/i, 'EIO'],
  [/Stale (NFS )?file handle/i, 'ESTALE'],
  [/Cannot allocate memory/i, 'ENOMEM'],
];
