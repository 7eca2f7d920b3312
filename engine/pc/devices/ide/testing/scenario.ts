// For tests: port accesses as data, which are carried out on QEMU once and on our controller in each test. What they read is compared.
import { createHash } from 'node:crypto';

export type Step =
  | ['out', port: number, value: number, size?: number]
  | ['in', port: number, size?: number]
  /** Data register, 16 bits at a time: read, and write (as hex). */
  | ['words', port: number, count: number]
  | ['put', port: number, bytes: string]
  /** Until BSY is clear. What it reads last is a result. */
  | ['wait', base: number]
  /** Until DRQ is clear, too. */
  | ['done', base: number]
  | ['store', address: number, bytes: string]
  | ['load', address: number, length: number]
  /** Level of the interrupt line. */
  | ['line', irq: number];

export interface Scenario {
  name: string;
  steps: readonly Step[];
}

/** Where they are carried out. Sizes are bytes. */
export interface Target {
  read(port: number, size: number): number | Promise<number>;
  write(port: number, size: number, value: number): void | Promise<void>;
  load(address: number, length: number): Uint8Array | Promise<Uint8Array>;
  store(address: number, bytes: Uint8Array): void | Promise<void>;
  line(irq: number): boolean | Promise<boolean>;
}

const BSY = 0x80;
const DRQ = 0x08;
const PATIENCE = 10_000;
/** Longer data is recorded as its beginning and its SHA-256. */
const SHOWN = 64;

/** What each step read, as text; empty for one that reads nothing. */
export async function carryOut({ name, steps }: Scenario, target: Target): Promise<string[]> {
  const results: string[] = [];
  for (const step of steps) results.push(await one(step, target, name));
  return results;
}

async function one(step: Step, target: Target, name: string): Promise<string> {
  switch (step[0]) {
    case 'out':
      await target.write(step[1], step[3] ?? 1, step[2]);
      return '';
    case 'in':
      return hex(await target.read(step[1], step[2] ?? 1), step[2] ?? 1);
    case 'words':
      return dataText(await words(target, step[1], step[2]));
    case 'put': {
      const bytes = Buffer.from(step[2], 'hex');
      for (let i = 0; i < bytes.length; i += 2) await target.write(step[1], 2, bytes.readUInt16LE(i));
      return '';
    }
    case 'wait':
    case 'done':
      for (let n = 0; n < PATIENCE; n++) {
        const status = await target.read(step[1] + 0x206, 1);
        if (!(status & (step[0] === 'done' ? BSY | DRQ : BSY))) return hex(status, 1);
      }
      throw new Error(`${name}: the drive stays busy`);
    case 'store':
      await target.store(step[1], Buffer.from(step[2], 'hex'));
      return '';
    case 'load':
      return dataText(await target.load(step[1], step[2]));
    case 'line':
      return (await target.line(step[1])) ? 'high' : 'low';
  }
}

async function words(target: Target, port: number, count: number): Promise<Uint8Array> {
  const bytes = Buffer.alloc(2 * count);
  for (let i = 0; i < count; i++) bytes.writeUInt16LE(await target.read(port, 2), 2 * i);
  return bytes;
}

function hex(value: number, size: number): string {
  return value.toString(16).padStart(2 * size, '0');
}

function dataText(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('hex');
  if (bytes.length <= SHOWN) return text;
  return `${text.slice(0, 32)}… ${bytes.length} ${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}`;
}
