import { beforeEach, describe, expect, it } from 'vitest';
import { QmpSession } from './qmp.ts';
import { FakeMachine } from './testing/fake-machine.ts';

let machine: FakeMachine;
let said: Record<string, unknown>[];
let session: QmpSession;
beforeEach(() => {
  machine = new FakeMachine();
  said = [];
  session = new QmpSession(machine, (text) => {
    expect(text).toMatch(/^[^\n]*\r\n$/);
    said.push(JSON.parse(text));
  });
});

/** What is said while it is answered. */
async function send(text: string): Promise<Record<string, unknown>[]> {
  said = [];
  session.input(Buffer.from(text));
  await session.settled();
  return said;
}

const execute = (name: string, given?: object) =>
  send(JSON.stringify({ execute: name, ...(given && { arguments: given }) }));
const error = (errorClass: string, desc: string) => [{ error: { class: errorClass, desc } }];

async function negotiate(): Promise<void> {
  expect(await execute('qmp_capabilities')).toEqual([{ return: {} }]);
}

describe('QEMU’s machine protocol', () => {
  it('greets, and wants capabilities negotiated before anything else', async () => {
    session.start();
    expect(said).toMatchObject([{ QMP: { version: { qemu: {}, package: 'tabvisor' }, capabilities: [] } }]);
    expect(await execute('query-status')).toEqual(
      error('CommandNotFound', "Expecting capabilities negotiation with 'qmp_capabilities'"),
    );
    machine.tell({ kind: 'stop' });
    expect(said).toHaveLength(1);
    await negotiate();
    expect(await execute('qmp_capabilities')).toMatchObject([{ error: { class: 'CommandNotFound' } }]);
  });

  it('answers in order, with the id of each, however the stream is cut', async () => {
    await negotiate();
    const text =
      '{"execute":"query-name","id":{"a":"}\\"{"}}{ "execute" :\n"query-status", "id": 2 } \n{"execute":"query-kvm"}';
    said = [];
    for (const byte of Buffer.from(text)) session.input(Uint8Array.of(byte));
    await session.settled();
    expect(said).toEqual([
      { return: { name: 'web' }, id: { a: '}"{' } },
      { return: { status: 'running', singlestep: false, running: true }, id: 2 },
      { return: { enabled: false, present: false } },
    ]);
  });

  it('tells of drives, and changes what lies in them', async () => {
    await negotiate();
    const [{ return: drives }] = await execute('query-block');
    expect(drives).toMatchObject([
      { device: 'ide0-hd0', removable: false, locked: false, inserted: { file: 'disk.img', ro: false, drv: 'raw' } },
      { device: 'ide1-cd0', removable: true, tray_open: false, inserted: { ro: true } },
    ]);
    machine.locked = true;
    expect(await execute('eject', { device: 'ide1-cd0' })).toMatchObject([{ error: { class: 'GenericError' } }]);
    expect(await execute('eject', { id: 'ide1-cd0', force: true })).toEqual([{ return: {} }]);
    expect(await execute('blockdev-change-medium', { device: 'ide1-cd0', filename: 'b.iso' })).toEqual([
      { return: {} },
    ]);
    expect(machine.calls).toEqual(['{"kind":"path","path":"b.iso"}']);
    expect(await execute('eject', { device: 'none' })).toEqual(error('DeviceNotFound', "Device 'none' not found"));
  });

  it('sends keys and pointer', async () => {
    await negotiate();
    const qcode = (data: string) => ({ type: 'qcode', data });
    await execute('send-key', { keys: [qcode('ctrl'), { type: 'number', data: 0x80 | 0x48 }], 'hold-time': 0 });
    expect(machine.events.map((event) => (event.kind === 'key' ? `${event.code} ${event.pressed}` : ''))).toEqual([
      ...['ControlLeft true', 'ArrowUp true', 'ArrowUp false', 'ControlLeft false'],
    ]);
    machine.events.length = 0;
    await execute('input-send-event', {
      events: [
        { type: 'key', data: { down: true, key: qcode('a') } },
        { type: 'btn', data: { down: true, button: 'right' } },
        { type: 'rel', data: { axis: 'y', value: -3 } },
        { type: 'abs', data: { axis: 'x', value: 0x7fff } },
        { type: 'btn', data: { down: false, button: 'right' } },
      ],
    });
    expect(machine.events).toMatchObject([
      { kind: 'key', code: 'KeyA', pressed: true },
      { kind: 'pointer', buttons: 2 },
      { kind: 'pointer', dx: 0, dy: -3, buttons: 2 },
      { kind: 'pointer', position: { x: 1, y: 0.5 } },
      { kind: 'pointer', buttons: 0 },
    ]);
    expect(await execute('send-key', { keys: [qcode('nokey')] })).toEqual(
      error('GenericError', 'there is no key "nokey"'),
    );
  });

  it('tells of what happens to the machine', async () => {
    await negotiate();
    expect((await execute('stop')).map(({ event, ...rest }) => event ?? rest)).toEqual(['STOP', { return: {} }]);
    expect((await execute('query-status'))[0]).toMatchObject({ return: { status: 'paused', running: false } });
    said = [];
    const [drive] = machine.drives;
    for (const event of [
      { kind: 'resume' } as const,
      { kind: 'powerdown' } as const,
      { kind: 'reset', asked: false } as const,
      { kind: 'shutdown', asked: true } as const,
      { kind: 'guest', event: { kind: 'panicked', detail: '' } } as const,
      { kind: 'guest', event: { kind: 'halted', detail: '' } } as const,
      { kind: 'tray', drive, open: true } as const,
    ])
      machine.tell(event);
    expect(said.map(({ event, data }) => [event, data])).toEqual([
      ['RESUME', undefined],
      ['POWERDOWN', undefined],
      ['RESET', { guest: true, reason: 'guest-reset' }],
      ['SHUTDOWN', { guest: false, reason: 'host-qmp-quit' }],
      ['GUEST_PANICKED', { action: 'run' }],
      ['DEVICE_TRAY_MOVED', { device: drive.name, id: drive.name, 'tray-open': true }],
    ]);
    session.close();
    machine.tell({ kind: 'stop' });
    expect(said).toHaveLength(6);
  });

  it('does what the human monitor does, and says what that says', async () => {
    await negotiate();
    const human = (line: string) => execute('human-monitor-command', { 'command-line': line });
    expect(await human('info status')).toEqual([{ return: 'VM status: running\r\n' }]);
    expect(await human('nonsense')).toEqual([{ return: "Error: unknown command: 'nonsense'\r\n" }]);
  });

  it('lists its commands, each of which is known', async () => {
    await negotiate();
    const [{ return: commands }] = await execute('query-commands');
    const names = (commands as { name: string }[]).map(({ name }) => name);
    expect(names).toContain('screendump');
    for (const name of names)
      expect(JSON.stringify(await execute(name, { 'no-such': 1 }))).not.toContain('has not been found');
  });

  it('names what is wrong', async () => {
    await negotiate();
    expect(await execute('migrate')).toEqual(error('CommandNotFound', 'The command migrate has not been found'));
    expect(await execute('constructor')).toMatchObject([{ error: { class: 'CommandNotFound' } }]);
    expect(await execute('screendump')).toEqual(error('GenericError', "Parameter 'filename' is missing"));
    expect(await execute('stop', { now: 1 })).toEqual(error('GenericError', "Parameter 'now' is unexpected"));
    expect(await send('{"execute":"stop","x":1}')).toEqual(error('GenericError', "QMP input member 'x' is unexpected"));
    expect(await send('{"arguments":{}}')).toEqual(error('GenericError', "QMP input lacks member 'execute'"));
    expect(await send('nonsense\n')).toEqual(error('GenericError', 'JSON parse error, invalid input'));
    expect(await send('{"execute":"input-send-event","arguments":{"events":[null]}}')).toMatchObject([{ error: {} }]);
  });

  it.each([1, 2, 3, 4])('goes on after any input (seed %i)', async (seed) => {
    await negotiate();
    let state = seed;
    // A linear congruential generator (Numerical Recipes).
    const random = () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state / 2 ** 32;
    };
    const pieces = [
      '{',
      '}',
      '[',
      ']',
      '"',
      '\\',
      ':',
      ',',
      '1',
      'null',
      '"execute"',
      '"query-status"',
      '\n',
      ' ',
      'é',
    ];
    let text = '';
    for (let n = 0; n < 2000; n++) text += pieces[Math.floor(random() * pieces.length)];
    await send(text);
    // Out of whatever is open: strings, and more depth than there can be.
    for (let n = 0; n < 3; n++) await send(`"${'}]'.repeat(2000)}\n`);
    expect(await execute('query-kvm')).toMatchObject([{ return: {} }]);
  });
});
