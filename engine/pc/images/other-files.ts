// Names files that are no image at all, so that the message says what went wrong.

import { type ImageReader, isZero, latin1 } from './image-file.ts';
import { blocking, type RecognizedImage } from './recognized.ts';
import { sizeText } from './size-text.ts';

const SHOWN = 512;

interface Signature {
  pattern: RegExp;
  title: string;
  problem: string;
}

const SIGNATURES: readonly Signature[] = [
  {
    pattern: /^\s*(<!doctype html|<html|<head)/i,
    title: 'Web page',
    problem: 'This is a web page: the download failed, or the address was that of a page. Fetch the file itself.',
  },
  { pattern: /^\s*<\?xml/i, title: 'XML document', problem: 'This is an XML document, not an image.' },
  {
    pattern: /^version https:\/\/git-lfs/,
    title: 'Git LFS pointer',
    problem: 'This is a pointer to a file that Git LFS keeps: fetch the file itself, by git lfs pull.',
  },
  {
    pattern: /^\s*FILE\s+"?.*"?\s+(BINARY|MOTOROLA|WAVE)/im,
    title: 'CUE sheet',
    problem: 'This is the description of a CD image (CUE sheet), not the image. An ISO image is needed.',
  },
  {
    pattern: /^d\d+:announce|^d8:announce/,
    title: 'Torrent',
    problem: 'This is a torrent: it names files that a BitTorrent program fetches.',
  },
  { pattern: /^%PDF-/, title: 'PDF document', problem: 'This is a PDF document, not an image.' },
  { pattern: /^\x89PNG|^\xff\xd8\xff|^GIF8/, title: 'Picture', problem: 'This is a picture, not an image of a disk.' },
  {
    pattern: /^!<arch>\n/,
    title: 'Package or library (ar)',
    problem: 'This is an ar archive, as Debian packages are: the image may be in it.',
  },
  { pattern: /^\xed\xab\xee\xdb/, title: 'RPM package', problem: 'This is an RPM package, not an image.' },
  { pattern: /^-----BEGIN PGP/, title: 'Signature', problem: 'This is the signature of a file, not the file.' },
];

export function otherFile({ head, size }: ImageReader): RecognizedImage {
  if (size === 0) return unusable('Empty file', 'The file is empty. Fetch it again.');
  const start = latin1(head, 0, SHOWN);
  const found = SIGNATURES.find(({ pattern }) => pattern.test(start));
  if (found) return unusable(found.title, found.problem);
  if (isZero(head))
    return unusable(
      `Zeros, ${sizeText(size)}`,
      'The file begins with nothing but zeros: no system is on it. As a disk it would be an empty one.',
    );
  if (/^[\t\n\r\x20-\x7e\x80-\xff]+$/.test(start) && /^[\t\n\r\x20-\x7e]{16}/.test(start))
    return unusable('Text', 'This is a text, not an image.');
  return unusable(
    `Unknown, ${sizeText(size)}`,
    'What this file is was not recognized: it is neither a kernel, nor a CD, disk or floppy disk image, nor an archive of a known kind.',
  );
}

export function unreadable(reason: string): RecognizedImage {
  return unusable(
    'Unreadable file',
    `The file could not be read${reason && `: ${reason.replace(/\.$/, '')}`}. Choose it again.`,
  );
}

function unusable(title: string, problem: string): RecognizedImage {
  return { kind: 'unusable', title, problems: [blocking(problem)] };
}
