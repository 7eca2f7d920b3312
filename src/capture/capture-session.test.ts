import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CaptureLine, CaptureView } from '../../engine/host/api.ts';
import { CaptureSession } from './capture-session.ts';

const TARGET = { hostId: 'a', scope: {}, label: 'host-a' };
const lines = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, n) => ({ number: from + n }) as CaptureLine);

function fakeApi() {
  let captured = 0;
  return {
    grow: (frames: number) => {
      captured += frames;
    },
    startCapture: vi.fn(async () => 'c1'),
    readCapture: vi.fn(async (_id: string, after: number, limit: number): Promise<CaptureView> => {
      const first = Math.max(after + 1, captured - limit + 1);
      return { captured, dropped: 0, lines: first > captured ? [] : lines(first, captured) };
    }),
    captureFile: vi.fn(async () => Uint8Array.of(1)),
    stopCapture: vi.fn(async () => {}),
    discardCapture: vi.fn(async () => {}),
  };
}

describe('a capture of the console', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('reads what is new while it is on the screen, and the rest when it is stopped', async () => {
    const api = fakeApi();
    const session = new CaptureSession(TARGET, () => api);
    const changed = vi.fn();
    session.subscribe(changed);
    const hide = session.show();
    api.grow(3);
    await vi.advanceTimersByTimeAsync(300);
    expect(session.state).toMatchObject({ phase: 'running', captured: 3 });
    await vi.advanceTimersByTimeAsync(1000);
    expect(changed).toHaveBeenCalledTimes(2);
    hide();
    api.grow(2);
    await vi.advanceTimersByTimeAsync(1000);
    expect(session.state.captured).toBe(3);
    await session.stop();
    expect(session.state).toMatchObject({ phase: 'stopped', captured: 5 });
    expect(session.state.lines.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5]);
    expect(await session.file()).toEqual(Uint8Array.of(1));
  });

  it('keeps a thousand rows, and older ones only while they are read', async () => {
    const api = fakeApi();
    const session = new CaptureSession(TARGET, () => api);
    session.show();
    api.grow(1500);
    await vi.advanceTimersByTimeAsync(300);
    session.follow(false);
    api.grow(500);
    await vi.advanceTimersByTimeAsync(300);
    expect(session.state.lines).toHaveLength(1500);
    session.follow(true);
    api.grow(1);
    await vi.advanceTimersByTimeAsync(300);
    expect(session.state.lines.map(({ number }) => number)).toEqual(lines(1002, 2001).map(({ number }) => number));
  });

  it('says what failed, and is discarded even before it began', async () => {
    const api = fakeApi();
    api.startCapture.mockRejectedValueOnce(new Error('Four captures run here already.'));
    const refused = new CaptureSession(TARGET, () => api);
    await vi.advanceTimersByTimeAsync(0);
    expect(refused.state).toMatchObject({ phase: 'failed', problem: 'Four captures run here already.' });

    const gone = new CaptureSession(TARGET, () => api);
    gone.show();
    await vi.advanceTimersByTimeAsync(0);
    api.readCapture.mockRejectedValueOnce(new Error('The host is no longer there.'));
    await vi.advanceTimersByTimeAsync(300);
    expect(gone.state.phase).toBe('failed');

    api.discardCapture.mockClear();
    new CaptureSession(TARGET, () => api).discard();
    await vi.advanceTimersByTimeAsync(0);
    expect(api.discardCapture).toHaveBeenCalledTimes(1);
  });
});
