// The machine of a run as monitors see it: calls to its host, and what becomes of them as events.

import type {
  DriveStatus,
  GuestEvent,
  HostEvent,
  InputEvent,
  MediumSpec,
  Registers,
  VmStatus,
} from '../engine/host/api.ts';
import type { HostService } from '../engine/host/host-service.ts';
import type { Machine, MachineEvent, NamedDrive, NamedNic } from './monitor/machine.ts';
import { type ScreenPicture, takePicture } from './monitor/screen-picture.ts';

export interface VmMachineOptions {
  host: HostService;
  vmId: string;
  name: string | undefined;
  drives: readonly NamedDrive[];
  nics: readonly NamedNic[];
  /** Ends the run. */
  quit(): void;
}

export class VmMachine implements Machine {
  readonly name: string | undefined;
  readonly drives: readonly NamedDrive[];
  readonly nics: readonly NamedNic[];
  readonly #options: VmMachineOptions;
  readonly #listeners = new Set<(event: MachineEvent) => void>();
  /** Which drives have a medium, as last seen. */
  #loaded: boolean[] | undefined;

  constructor(options: VmMachineOptions) {
    this.#options = options;
    this.name = options.name;
    this.drives = options.drives;
    this.nics = options.nics;
  }

  onEvent(listener: (event: MachineEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async status(): Promise<VmStatus> {
    return (await this.#options.host.status()).vms[0];
  }

  async pause(): Promise<void> {
    const { power } = await this.status();
    await this.#options.host.pause(this.#options.vmId);
    if (power !== 'paused') this.#tell({ kind: 'stop' });
  }

  async resume(): Promise<void> {
    const { power } = await this.status();
    await this.#options.host.resume(this.#options.vmId);
    if (power === 'paused') this.#tell({ kind: 'resume' });
  }

  async reset(): Promise<void> {
    const { host, vmId } = this.#options;
    const { power } = await this.status();
    await (power === 'off' ? host.powerOn(vmId) : host.reset(vmId));
    this.#tell({ kind: 'reset', asked: true });
  }

  async powerdown(): Promise<void> {
    await this.#options.host.pressPowerButton(this.#options.vmId);
    this.#tell({ kind: 'powerdown' });
  }

  registers(): Promise<Registers> {
    return this.#options.host.registers(this.#options.vmId);
  }

  sendInput(events: readonly InputEvent[]): Promise<void> {
    return this.#options.host.sendInput(this.#options.vmId, events);
  }

  ejectMedium(drive: number, force: boolean): Promise<boolean> {
    return this.#options.host.ejectMedium(this.#options.vmId, drive, force);
  }

  insertMedium(drive: number, medium: MediumSpec): Promise<void> {
    return this.#options.host.insertMedium(this.#options.vmId, drive, medium);
  }

  async screen(): Promise<ScreenPicture> {
    const { host, vmId } = this.#options;
    const reader = {};
    try {
      return await takePicture((fresh) => host.readScreenFor(reader, vmId, { fresh }));
    } finally {
      host.forgetScreenReader(reader);
    }
  }

  quit(): void {
    // The command is answered first.
    setImmediate(() => {
      this.#tell({ kind: 'shutdown', asked: true });
      this.#options.quit();
    });
  }

  /** What the host tells. */
  hear(event: HostEvent): void {
    if (event.type === 'guest') this.#guest(event.event);
    else if (event.type === 'status') this.#trays(event.status.vms.at(0)?.drives ?? []);
  }

  #guest(event: GuestEvent): void {
    if (event.kind === 'reset') this.#tell({ kind: 'reset', asked: false });
    else if (event.kind === 'powered-off' || event.kind === 'exited') this.#tell({ kind: 'shutdown', asked: false });
    else this.#tell({ kind: 'guest', event });
  }

  #trays(drives: readonly DriveStatus[]): void {
    const loaded = drives.map(({ medium }) => medium !== undefined);
    const before = this.#loaded ?? loaded;
    this.#loaded = loaded;
    for (const drive of this.drives) {
      if (loaded[drive.index] === before[drive.index]) continue;
      this.#tell({ kind: 'tray', drive, open: !loaded[drive.index] });
    }
  }

  #tell(event: MachineEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}
