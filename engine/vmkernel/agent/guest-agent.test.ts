import { beforeEach, describe, expect, test } from 'vitest';
import { VirtualTime } from '../../base/testing/virtual-time.ts';
import { GuestAgent } from './guest-agent.ts';

type Answer = (command: string, given: Record<string, unknown>) => unknown;

const FACTS: Record<string, unknown> = {
  'guest-info': { version: '7.2.0', supported_commands: [] },
  'guest-get-host-name': { 'host-name': 'web1' },
  'guest-get-osinfo': { 'pretty-name': 'Debian GNU/Linux 12', 'kernel-release': '6.1.0-50-686' },
  'guest-network-get-interfaces': [
    { name: 'lo', 'ip-addresses': [{ 'ip-address': '127.0.0.1' }] },
    { name: 'eth0', 'ip-addresses': [{ 'ip-address': '10.0.0.100' }, { 'ip-address': 'fe80::1' }] },
  ],
  'guest-fsfreeze-status': 'thawed',
};

/** A guest with an agent, that reads and answers as `answer` says: what it returns, or its bytes, or nothing. */
class Guest {
  readonly time = new VirtualTime();
  readonly commands: string[] = [];
  room = 4096;
  reads = true;
  changes = 0;
  answer: Answer = (command, given) => this.proper(command, given);
  #line = '';
  readonly agent = new GuestAgent({
    vmName: 'web1',
    timebase: this.time,
    wallClock: () => this.time.now(),
    send: async (bytes) => this.#take(bytes),
    onChange: () => this.changes++,
  });

  proper(command: string, given: Record<string, unknown>): unknown {
    if (command === 'guest-sync-delimited') return { return: given.id };
    if (command === 'guest-get-time') return { return: (this.time.now() + 1500) * 1e6 };
    if (command in FACTS) return { return: FACTS[command] };
    return { error: { class: 'CommandNotFound', desc: `The command ${command} has not been found` } };
  }

  say(text: string | Uint8Array): void {
    this.agent.output(typeof text === 'string' ? new TextEncoder().encode(text) : text);
  }

  async started(): Promise<this> {
    this.agent.opened(true);
    await this.time.pass(1000);
    return this;
  }

  #take(bytes: Uint8Array): number {
    if (!this.reads) return 0;
    const taken = bytes.subarray(0, this.room);
    for (const byte of taken) {
      if (byte === 0xff) this.#line = '';
      else if (byte !== 10) this.#line += String.fromCharCode(byte);
      else {
        const { execute, arguments: given = {} } = JSON.parse(this.#line);
        this.#line = '';
        this.commands.push(execute);
        const reply = this.answer(execute, given);
        const mark = execute === 'guest-sync-delimited' ? [0xff] : [];
        if (reply !== undefined) {
          const line = new TextEncoder().encode(`${JSON.stringify(reply)}\n`);
          this.time.after(1, () => this.say(Uint8Array.from([...mark, ...line])));
        }
      }
    }
    if (taken.length < bytes.length) this.time.after(1, () => this.agent.room());
    return taken.length;
  }
}

let guest: Guest;
beforeEach(() => {
  guest = new Guest();
});

const outcome = (work: Promise<unknown>) => work.catch((error: Error) => `${error.name}: ${error.message}`);

test('an agent that runs is asked what it is, and its addresses from time to time', async () => {
  expect(guest.agent.status).toEqual({ state: 'off' });
  await guest.started();
  expect(guest.agent.status).toMatchObject({
    state: 'running',
    version: '7.2.0',
    hostName: 'web1',
    os: 'Debian GNU/Linux 12',
    kernel: '6.1.0-50-686',
    addresses: [{ interface: 'eth0', address: '10.0.0.100' }],
    frozen: false,
  });
  expect(Math.abs(guest.agent.status.clockOffsetMs! - 1500)).toBeLessThan(10);
  const asked = guest.commands.length;
  await guest.time.pass(31_000);
  expect(guest.commands.slice(asked)).toContain('guest-network-get-interfaces');
});

test('a command has the answer that belongs to it, one after another', async () => {
  await guest.started();
  guest.answer = (command, given) => ({ return: [command, given] });
  const both = Promise.all([guest.agent.execute('one', { a: 1 }), guest.agent.execute('two')]);
  expect(await guest.time.wait(both)).toEqual([
    ['one', { a: 1 }],
    ['two', {}],
  ]);
});

test('what the agent refuses is an error in its words, and nothing else is lost', async () => {
  await guest.started();
  expect(await guest.time.wait(outcome(guest.agent.execute('guest-nonsense')))).toBe(
    'AgentError: The guest agent of web1 says: The command guest-nonsense has not been found',
  );
  expect(await guest.time.wait(guest.agent.execute('guest-get-host-name'))).toEqual({ 'host-name': 'web1' });
});

test('a command that has no room is sent in parts', async () => {
  guest.room = 7;
  await guest.started();
  expect(guest.agent.status.state).toBe('running');
});

test('a guest that does not read is silent, and is spoken to again', async () => {
  guest.reads = false;
  guest.agent.opened(true);
  await guest.time.pass(6_000);
  expect(guest.agent.status).toEqual({ state: 'silent' });
  expect(await outcome(guest.agent.execute('guest-ping'))).toMatch('is not running');
  guest.reads = true;
  await guest.time.pass(20_000);
  expect(guest.agent.status.state).toBe('running');
});

test('an answer that comes too late is not taken for that of a later command', async () => {
  await guest.started();
  guest.answer = () => undefined;
  const late = outcome(guest.agent.execute('guest-get-host-name'));
  expect(await guest.time.wait(late)).toMatch('has not answered within 5 s');
  guest.say('{"return": "late"}\n');
  expect(guest.agent.status).toEqual({ state: 'silent' });
  guest.answer = (command, given) => guest.proper(command, given);
  await guest.time.pass(11_000);
  expect(await guest.time.wait(guest.agent.execute('guest-get-host-name'))).toEqual({ 'host-name': 'web1' });
});

test('an agent that is stopped while it has a command ends that command', async () => {
  await guest.started();
  guest.answer = () => undefined;
  const asked = outcome(guest.agent.execute('guest-ping'));
  await guest.time.pass(10);
  guest.agent.opened(false);
  expect(await asked).toMatch('web1: the guest has closed the connection to its agent');
  expect(guest.agent.status).toEqual({ state: 'off' });
});

describe('a guest that lies', () => {
  test.each<[string, string]>([
    ['text', 'no JSON at all\n'],
    ['an answer without a result', '{"something": 1}\n'],
    ['a number', '17\n'],
    ['deep nesting', `${'['.repeat(100_000)}\n`],
    ['a line without end', `${'x'.repeat(3_000_000)}\n`],
  ])('with %s loses its agent’s state until it is synchronised again', async (_, nonsense) => {
    await guest.started();
    guest.answer = () => undefined;
    const asked = outcome(guest.agent.execute('guest-ping'));
    await guest.time.pass(1);
    guest.say(nonsense);
    expect(await guest.time.wait(asked)).toMatch(/^AgentError: The guest agent of web1/);
    expect(guest.agent.status.state).toBe('silent');
    guest.answer = (command, given) => guest.proper(command, given);
    await guest.time.pass(11_000);
    expect(guest.agent.status.state).toBe('running');
  });

  test('about itself is cut and cleaned', async () => {
    guest.answer = (command, given) =>
      command === 'guest-get-host-name'
        ? { return: { 'host-name': `evil\u202e\n${'x'.repeat(5000)}` } }
        : command === 'guest-network-get-interfaces'
          ? {
              return: new Array(100).fill({
                name: 'e',
                'ip-addresses': new Array(99).fill({ 'ip-address': '1.1.1.1' }),
              }),
            }
          : guest.proper(command, given);
    await guest.started();
    expect(guest.agent.status.hostName).toMatch(/^evilx{196}$/);
    expect(guest.agent.status.addresses).toHaveLength(32);
  });

  test('by talking without being asked costs nothing', async () => {
    await guest.started();
    for (let i = 0; i < 100; i++) guest.say('{"return": {}}\n');
    expect(guest.agent.status.state).toBe('running');
  });
});

test('freezing is remembered until it is undone', async () => {
  await guest.started();
  guest.answer = () => ({ return: 2 });
  expect(await guest.time.wait(guest.agent.freeze())).toBe(2);
  expect(guest.agent.status.frozen).toBe(true);
  await guest.time.wait(guest.agent.thaw());
  expect(guest.agent.status.frozen).toBe(false);
});

test('a shutdown waits for no answer, since none comes', async () => {
  await guest.started();
  guest.answer = () => undefined;
  await guest.time.wait(guest.agent.shutDown());
  expect(guest.commands.at(-1)).toBe('guest-shutdown');
});
