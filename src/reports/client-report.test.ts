import { describe, expect, it } from 'vitest';
import { parseClientReport } from './client-report.ts';

const LINE =
  'client t=12 tcp=20 tcp50=1.20 tcp95=3.40 tcp99=5.00 tcpmax=9.10 tcperr=0 seq=240 resets=1 http=19 http50=8.10 http95=20.00 http99=31.00 httpmax=40.20 httperr=2 gap=61.20';

describe('a client’s report', () => {
  it('is read from its line', () => {
    expect(parseClientReport(LINE)).toEqual({
      t: 12,
      tcp: { count: 20, latency: { p50: 1.2, p95: 3.4, p99: 5, max: 9.1 }, errors: 0 },
      http: { count: 19, latency: { p50: 8.1, p95: 20, p99: 31, max: 40.2 }, errors: 2 },
      sequence: 240,
      resets: 1,
      gapMs: 61.2,
    });
  });

  it('may stand behind a prompt, with colours and a carriage return, and know more than we do', () => {
    const dressed = `\x1b[1;32mroot@client1\x1b[0m:~# \x1b[K${LINE} later=1\r`;
    expect(parseClientReport(dressed)).toMatchObject({ t: 12, sequence: 240 });
    expect(parseClientReport(`client t=11 tcp=2${LINE}`)).toMatchObject({ t: 12 });
  });

  it('has no latency for a second in which nothing was done', () => {
    expect(parseClientReport(LINE.replace('tcp=20', 'tcp=0'))?.tcp).toEqual({ count: 0, errors: 0 });
  });

  it('is nothing when the line is cut, interrupted, or says something else', () => {
    for (let end = 0; end < LINE.length - 'gap=61.20'.length; end++)
      expect(parseClientReport(LINE.slice(0, end))).toBeUndefined();
    const middle = LINE.indexOf('seq');
    const interrupted = `${LINE.slice(0, middle)}[   12.3] virtio_net: link up ${LINE.slice(middle)}`;
    for (const bad of [
      'tick 1 uptime 3.2',
      'client: waiting for web1 …',
      interrupted,
      LINE.replace('tcp50=1.20', 'tcp50=-1'),
      LINE.replace('tcp50=1.20', 'tcp50=1.2.3'),
      LINE.replace('resets=1', 'resets='),
      LINE.replace('seq=240', 'tcp=240'),
    ])
      expect(parseClientReport(bad)).toBeUndefined();
  });
});
