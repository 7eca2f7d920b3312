import { describe, expect, it } from 'vitest';
import type { CaptureLine } from '../../engine/host/api.ts';
import { appendLines, captureFileName, columnsOf, filterLines } from './capture-lines.ts';

const line = (number: number, change: Partial<CaptureLine> = {}): CaptureLine => ({
  number,
  timeMs: Date.UTC(2026, 0, 2, 3, 4, 5, 67),
  port: 'web1',
  source: '10.0.0.100',
  destination: '10.0.0.101',
  protocol: 'TCP',
  length: 60,
  info: '80 → 50000 [ACK]',
  ...change,
});

describe('rows of a capture', () => {
  it('are the newest, and the same list while nothing comes', () => {
    const kept = appendLines([line(1), line(2)], [line(3)], 2);
    expect(kept.map(({ number }) => number)).toEqual([2, 3]);
    expect(appendLines(kept, [], 2)).toBe(kept);
    expect(appendLines(kept, [], 1)).toHaveLength(1);
  });

  it('are found by what stands in any column', () => {
    const lines = [line(1), line(2, { protocol: 'ARP', info: 'Who has 10.0.0.1?' }), line(3, { port: 'uplink' })];
    const found = (query: string) => filterLines(lines, query).map(({ number }) => number);
    expect(found('arp')).toEqual([2]);
    expect(found(' uplink  50000')).toEqual([3]);
    expect(found('10.0.0.101 ack')).toEqual([1, 3]);
    expect(found('dhcp')).toEqual([]);
    expect(filterLines(lines, ' ')).toBe(lines);
  });

  it('have a time to the millisecond, and their file a name', () => {
    expect(columnsOf(line(7))[1]).toMatch(/^\d\d:04:05\.067$/);
    expect(captureFileName('web 1/nic', Date.UTC(2026, 0, 2, 3, 4, 5))).toBe(
      'tabvisor-web-1-nic-2026-01-02T03-04-05.pcapng',
    );
  });
});
