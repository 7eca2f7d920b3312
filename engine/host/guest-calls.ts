// Decoding of what a console wants of the guest in a VM and of its serial ports. All throw an Error for the user, or DecodeError.

import { bytes, count, DecodeError, fields, identifier } from '../base/decode.ts';
import type { GuestCommand, TerminalReply } from './api.ts';
import { isDuration } from './durations.ts';

const MAXIMUM_SERIAL_BYTES = 64 * 1024;

export function checkSerialRange(position: number | undefined, limit: number): void {
  if (position !== undefined && !(Number.isSafeInteger(position) && position >= 0))
    throw new Error('The position of serial output is a whole number.');
  if (!Number.isInteger(limit) || limit < 1 || limit > MAXIMUM_SERIAL_BYTES)
    throw new Error(`1 to ${MAXIMUM_SERIAL_BYTES} bytes of serial output are read at a time.`);
}

export function checkSerialInput(input: Uint8Array, port: number): void {
  if (!(input instanceof Uint8Array) || input.length > MAXIMUM_SERIAL_BYTES)
    throw new Error(`At most ${MAXIMUM_SERIAL_BYTES} bytes of serial input are taken at a time.`);
  if (!Number.isInteger(port) || port < 0 || port > 3) throw new Error('A serial port has a number from 0 to 3.');
}

/** Longer answers than a terminal has. */
const MAXIMUM_REPLY_BYTES = 256;

export function decodeReply(value: unknown): TerminalReply {
  const { terminal, position, bytes: text } = fields(value);
  const answer = bytes(text, 'bytes');
  if (answer.length > MAXIMUM_REPLY_BYTES) throw new DecodeError('the answer is too long');
  return { terminal: identifier(terminal, 'terminal'), position: count(position, 'position'), bytes: answer };
}

/** Of the path and of all arguments, in characters. */
const MAXIMUM_GUEST_COMMAND = 16_384;
const LONGEST_GUEST_COMMAND_MS = 3_600_000;

export function decodeGuestCommand(value: unknown): GuestCommand {
  const { path, arguments: given = [], limitMs } = fields(value);
  const words = [path, ...(Array.isArray(given) ? given : [undefined])];
  if (!words.every((word) => typeof word === 'string') || words.join('').length > MAXIMUM_GUEST_COMMAND)
    throw new DecodeError('a command for the guest is a path and arguments, of 16,384 characters at most');
  if (limitMs !== undefined && !(isDuration(limitMs) && (limitMs as number) <= LONGEST_GUEST_COMMAND_MS))
    throw new DecodeError('a command in the guest may take up to an hour');
  const [program, ...rest] = words;
  return { path: program, arguments: rest, ...(limitMs !== undefined && { limitMs: limitMs as number }) };
}
