import { gzipSync } from 'fflate';
import { afterEach, describe, expect, it } from 'vitest';
import type { Unpacked } from './unpack.ts';
import { UnpackError } from './unpack-error.ts';
import type { UnpackProgress } from './unpack-job.ts';
import { peekIn, serveUnpacking, type UnpackRequest, type UnpackWorker, unpackIn } from './unpack-service.ts';

const DATA = Uint8Array.from({ length: 300_000 }, (_, i) => (i * i) >> 5);
const PACKED = new Blob([new Uint8Array(gzipSync(DATA))]);
const request = (contents = PACKED): Extract<UnpackRequest, { kind: 'unpack' }> => ({
  kind: 'unpack',
  format: 'gzip',
  file: { name: 'disk.img.gz', contents },
});

interface Fake extends UnpackWorker {
  terminated: number;
  fail(reason: string): void;
}

const channels: MessageChannel[] = [];
afterEach(() => {
  for (const { port1, port2 } of channels.splice(0)) {
    port1.close();
    port2.close();
  }
});

/** The worker's end is in this thread; `answers: false`: nobody is there. */
function fakeWorker(answers = true): Fake {
  const channel = new MessageChannel();
  channels.push(channel);
  if (answers) serveUnpacking(channel.port2 as unknown as MessagePort);
  let report = (_: string) => {};
  const fake: Fake = {
    port: channel.port1 as unknown as MessagePort,
    onError: (listener) => {
      report = listener;
    },
    terminate: () => {
      fake.terminated++;
    },
    terminated: 0,
    fail: (reason) => report(reason),
  };
  return fake;
}

describe('unpacking in a worker', () => {
  it('gives the file, with progress, and ends the worker', async () => {
    const worker = fakeWorker();
    const seen: UnpackProgress[] = [];
    const result = (await unpackIn(worker, request(), { onProgress: (progress) => seen.push(progress) })) as Unpacked;
    expect(result.name).toBe('disk.img');
    expect(Buffer.compare(new Uint8Array(await result.contents.arrayBuffer()), DATA)).toBe(0);
    expect(seen[0].total).toBe(PACKED.size);
    expect(worker.terminated).toBe(1);
  });

  it('an error for the user stays one', async () => {
    const worker = fakeWorker();
    const failed = unpackIn(worker, request(PACKED.slice(0, 1000)));
    await expect(failed).rejects.toBeInstanceOf(UnpackError);
    await expect(failed).rejects.toThrow('truncated');
    expect(worker.terminated).toBe(1);
  });

  it('is cancelled by ending the worker, before and meanwhile', async () => {
    const before = fakeWorker();
    await expect(unpackIn(before, request(), { signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow('no');
    expect(before.terminated).toBe(1);
    const worker = fakeWorker(false);
    const controller = new AbortController();
    const pending = unpackIn(worker, request(), { signal: controller.signal });
    controller.abort(new Error('not any more'));
    await expect(pending).rejects.toThrow('not any more');
    expect(worker.terminated).toBe(1);
  });

  it('a worker that fails is an error', async () => {
    const worker = fakeWorker(false);
    const pending = unpackIn(worker, request());
    worker.fail('out of memory');
    await expect(pending).rejects.toThrow('The file could not be unpacked: out of memory');
  });

  it('peeks', async () => {
    const first = await peekIn(fakeWorker(), PACKED, 'gzip');
    expect(first).toEqual(DATA.subarray(0, 512));
  });
});
