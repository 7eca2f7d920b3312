import { describe, expect, it } from 'vitest';
import type { MonitorOption } from './monitor/endpoints.ts';
import { FakeMachine } from './monitor/testing/fake-machine.ts';
import { Terminal } from './terminal.ts';

function terminal(monitors: MonitorOption[], sharedMonitor: boolean) {
  const machine = new FakeMachine();
  const guest: string[] = [];
  let shown = '';
  let quits = 0;
  const runner = {
    ...{ machine, finished: Promise.resolve(0) },
    input: (bytes: Uint8Array) => guest.push(Buffer.from(bytes).toString()),
    quit: () => {
      quits++;
    },
  };
  const made = new Terminal(runner, { monitors, sharedMonitor }, (text) => {
    shown += text;
  });
  return {
    machine,
    guest,
    shown: () => shown,
    quits: () => quits,
    type: (text: string) => made.input(Buffer.from(text)),
  };
}

const onTerminal = (protocol: MonitorOption['protocol']): MonitorOption[] => [{ protocol, place: { kind: 'stdio' } }];
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('the terminal', () => {
  it('is the guest’s, and the monitor’s after Ctrl-A C, until the next', async () => {
    const { type, guest, machine, shown } = terminal([], true);
    type('one\x01cstop\rinfo sta');
    await settled();
    expect([guest, machine.power]).toEqual([['one'], 'paused']);
    expect(shown()).toMatch(/^\r\ntabvisor .*\r\n\(qemu\) stop\r\ninfo sta\(qemu\) $/);
    type('\x01ctwo\x01\x01\x01ctus\r');
    await settled();
    expect(guest).toEqual(['one', 'two\x01']);
    expect(shown().endsWith('VM status: paused\r\n(qemu) ')).toBe(true);
  });

  it('has no monitor where it is not shared', async () => {
    const { type, guest, shown, quits } = terminal([], false);
    type('a\x01cb\x01x');
    await settled();
    expect([guest, shown(), quits()]).toEqual([['ab'], '', 1]);
  });

  it('is a monitor’s alone', async () => {
    const human = terminal(onTerminal('human'), false);
    human.type('info name\r');
    await settled();
    expect(human.shown()).toMatch(/\(qemu\) info name\r\nweb\r\n\(qemu\) $/);
    const qmp = terminal(onTerminal('qmp'), false);
    qmp.type('{"execute":"qmp_capabilities"}');
    await settled();
    expect(qmp.shown()).toMatch(/^\{"QMP".*\r\n\{"return":\{\}\}\r\n$/);
    expect([human.guest, qmp.guest]).toEqual([[], []]);
  });
});
