import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzlibSync } from 'fflate';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HumanMonitor } from './human-monitor.ts';
import { FakeMachine } from './testing/fake-machine.ts';

let machine: FakeMachine;
let shown: string;
let monitor: HumanMonitor;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'monitor-'));
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(() => {
  machine = new FakeMachine();
  shown = '';
  monitor = new HumanMonitor(machine, (text) => {
    shown += text;
  });
});

async function typed(text: string): Promise<void> {
  monitor.input(Buffer.from(text, 'latin1'));
  await monitor.settled();
}

/** What a command prints, without its echo and the next prompt. */
async function says(line: string): Promise<string> {
  shown = '';
  await typed(`${line}\r`);
  return shown.slice(line.length + 1).replace(/\(qemu\) $/, '');
}

describe('the human monitor', () => {
  it('tells of the machine', async () => {
    expect(await says('info status')).toBe('VM status: running\n');
    machine.power = 'off';
    expect(await says('info status')).toBe('VM status: paused (shutdown)\n');
    expect(await says('info block')).toBe(
      'ide0-hd0: disk.img (raw)\n\n' +
        'ide1-cd0: cd.iso (raw, read-only)\n    Removable device: not locked, tray closed\n',
    );
    expect(await says('info network')).toBe(
      'virtio-net.0: index=0,type=nic,model=virtio-net,macaddr=52:54:00:12:34:56\n' +
        ' \\ n1: index=0,type=socket,listening at :1234\n',
    );
    expect(await says('info registers')).toContain('EIP=00000000 EFLAGS=00000001\n');
    expect(await says('info name')).toBe('web\n');
    expect(await says('info version')).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(await says('help')).toMatch(/^sendkey keys \[hold_ms\] -- press keys/m);
  });

  it('stops the machine, lets it go on, resets it, presses its power button and ends it', async () => {
    await says('stop');
    expect(machine.power).toBe('paused');
    expect(await says('info status')).toBe('VM status: paused\n');
    await says('c');
    expect(machine.power).toBe('running');
    expect(await says('cont')).toBe('Error: The machine is not paused.\n');
    for (const command of ['system_reset', 'system_powerdown', 'q']) await says(command);
    expect(machine.calls).toEqual(['reset', 'powerdown', 'quit']);
  });

  it('presses keys together and releases them, and moves the mouse', async () => {
    await says('sendkey ctrl-a 0');
    await says('mouse_move -5 7 1');
    await says('mouse_button 4');
    await says('mouse_move 1 0');
    const key = (code: string, pressed: boolean) => ({ kind: 'key', code, pressed });
    const pointer = { kind: 'pointer', horizontalWheel: 0 };
    expect(machine.events).toEqual([
      ...[key('ControlLeft', true), key('KeyA', true), key('KeyA', false), key('ControlLeft', false)],
      { ...pointer, dx: -5, dy: 7, wheel: 1, buttons: 0 },
      { ...pointer, dx: 0, dy: 0, wheel: 0, buttons: 4 },
      { ...pointer, dx: 1, dy: 0, wheel: 0, buttons: 4 },
    ]);
  });

  it('takes media out and puts others in, unless the guest has locked the drive', async () => {
    expect(await says('eject ide0-hd0')).toBe("Error: Device 'ide0-hd0' is not removable\n");
    expect(await says('eject fd7')).toBe("Error: Device 'fd7' not found\n");
    machine.locked = true;
    expect(await says('change ide1-cd0 new.iso')).toContain("Error: Device 'ide1-cd0' is locked and force was not");
    expect(machine.calls).toEqual([]);
    await says('eject -f ide1-cd0');
    expect(await says('info block')).toContain('ide1-cd0: [not inserted]\n    Removable device: locked, tray open');
    await says('change ide1-cd0 "a b.iso"');
    expect(machine.calls).toEqual(['{"kind":"path","path":"a b.iso"}']);
    expect(await says('info block')).toContain('ide1-cd0: a b.iso (raw, read-only)');
  });

  it('writes pictures', async () => {
    const file = join(folder, 'picture');
    await says(`screendump ${file}`);
    expect(await readFile(file, 'latin1')).toBe('P6\n2 1\n255\n\xff\0\0\0\0\xff');
    await says(`screendump ${file} -f png`);
    const png = await readFile(file);
    expect(png.toString('latin1', 0, 16)).toBe('\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR');
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([2, 1]);
    const data = png.indexOf('IDAT');
    const length = png.readUInt32BE(data - 4);
    expect([...unzlibSync(png.subarray(data + 4, data + 4 + length))]).toEqual([0, 255, 0, 0, 0, 0, 255]);
    // What every PNG ends with: an empty chunk and its CRC.
    expect(png.toString('hex', png.length - 12)).toBe('0000000049454e44ae426082');
    expect(await says(`screendump ${file} -f gif`)).toBe('Error: screendump: "gif" is no format, ppm and png are\n');
  });

  it('names what it does not know', async () => {
    expect(await says('savevm x')).toBe("Error: unknown command: 'savevm'\n");
    expect(await says('info qtree')).toBe("Error: unknown command: 'info qtree'\n");
    expect(await says('toString')).toBe("Error: unknown command: 'toString'\n");
    expect(await says('sendkey a-nokey')).toBe('Error: there is no key "nokey"\n');
    expect(await says('sendkey a 99999999')).toBe('Error: keys are held for 0 to 60000 ms\n');
    expect(await says('mouse_move 1')).toBe('Error: mouse_move: "" is no whole number\n');
    expect(await says('change ide1-cd0 x qcow2')).toBe('Error: change: "qcow2" is no format here, only raw\n');
    expect(machine.events).toEqual([]);
  });

  it('lets the line be edited, completed and called back', async () => {
    await typed('infx\x7fo name\x1b[D\r');
    expect(shown).toBe('infx\b \bo name\nweb\n(qemu) ');
    shown = '';
    await typed('\x1b[A\r\n');
    expect(shown).toBe('info name\nweb\n(qemu) ');
    shown = '';
    await typed('sto\t\x15in\t name\n');
    const erased = (characters: number) => '\b \b'.repeat(characters);
    expect(shown).toBe(`sto${erased(3)}stop ${erased(5)}in${erased(2)}info  name\nweb\n(qemu) `);
    shown = '';
    await typed('s\t');
    expect(shown).toBe('s\nscreendump sendkey stop system_powerdown system_reset\n(qemu) s');
  });

  it('takes any bytes, and no line grows for ever', async () => {
    await typed(`${'\x1b[9999999999999999999999'.repeat(9)}\x1b\x00\x01${'x'.repeat(10_000)}`);
    shown = '';
    await typed('\r');
    expect(shown.length).toBeLessThan(5000);
    expect(await says('info name')).toBe('web\n');
  });
});
