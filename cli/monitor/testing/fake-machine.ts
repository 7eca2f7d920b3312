// A machine for tests of monitors: it records what it is asked for.

import type { DriveStatus, InputEvent, MediumSpec, PowerState, Registers, VmStatus } from '../../../engine/host/api.ts';
import type { Machine, MachineEvent } from '../machine.ts';

const FIGURES = { reads: 3, writes: 1, bytesRead: 1536, bytesWritten: 512, errors: 0, overlayBytes: 0 };

export class FakeMachine implements Machine {
  readonly name = 'web';
  readonly drives = ['ide0-hd0', 'ide1-cd0'].map((name, index) => ({ name, index }));
  readonly nics = [
    {
      ...{ name: 'virtio-net.0', netdev: 'n1', netdevText: 'type=socket,listening at :1234' },
      spec: { model: 'virtio-net', mac: '52:54:00:12:34:56' },
    },
  ];
  readonly calls: string[] = [];
  readonly events: InputEvent[] = [];
  power: PowerState = 'running';
  locked = false;
  readonly #listeners = new Set<(event: MachineEvent) => void>();
  #media: (DriveStatus['medium'] | undefined)[] = [
    { name: 'disk.img', size: 1 << 20, readOnly: false },
    { name: 'cd.iso', size: 2048, readOnly: true },
  ];

  async status(): Promise<VmStatus> {
    const drives = this.#media.map((medium, n) => ({
      ...{ model: n === 0 ? 'ide-hd' : 'ide-cd', properties: {}, locked: n === 1 && this.locked },
      ...FIGURES,
      ...(medium && { medium }),
    }));
    return { power: this.power, drives } as Partial<VmStatus> as VmStatus;
  }

  async pause() {
    this.power = 'paused';
    this.tell({ kind: 'stop' });
  }

  async resume() {
    if (this.power !== 'paused') throw new Error('The machine is not paused.');
    this.power = 'running';
    this.tell({ kind: 'resume' });
  }

  async reset() {
    this.calls.push('reset');
    this.tell({ kind: 'reset', asked: true });
  }

  async powerdown() {
    this.calls.push('powerdown');
    this.tell({ kind: 'powerdown' });
  }

  async registers(): Promise<Registers> {
    const names = 'eip eflags eax ebx ecx edx esi edi ebp esp cr0 cr2 cr3 cr4 cs ss ds es fs gs'.split(' ');
    return Object.fromEntries(names.map((name, n) => [name, n])) as Record<string, number> as unknown as Registers;
  }

  async sendInput(events: readonly InputEvent[]) {
    this.events.push(...events);
  }

  async ejectMedium(drive: number, force: boolean) {
    if (this.locked && !force) return false;
    this.#media[drive] = undefined;
    return true;
  }

  async insertMedium(drive: number, medium: MediumSpec) {
    this.calls.push(JSON.stringify(medium.source));
    this.#media[drive] = { name: medium.name, size: 512, readOnly: medium.readOnly ?? false };
  }

  async screen() {
    return { width: 2, height: 1, rgb: Uint8Array.of(255, 0, 0, 0, 0, 255) };
  }

  quit() {
    this.calls.push('quit');
  }

  onEvent(listener: (event: MachineEvent) => void) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(event: MachineEvent) {
    for (const listener of this.#listeners) listener(event);
  }
}
