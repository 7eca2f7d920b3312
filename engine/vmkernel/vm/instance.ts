// What a VM holds while it is on: machine memory, a vCPU worker, the cables of its network cards and
// its drives.

import type { BootImage } from '../../pc/firmware/boot-image.ts';
import { ImageError } from '../../pc/firmware/image-error.ts';
import { VmDrives } from '../block/vm-drives.ts';
import { VmMemory } from '../memory/vm-memory.ts';
import { createNicQueue } from '../nic/nic-queue.ts';
import { VmCables } from '../nic/vm-network.ts';
import { VmScreen } from '../screen/vm-screen.ts';
import { requestShootdown } from '../shared/shootdown.ts';
import { type MachineSpec, memoryNeeds } from '../spec/machine-spec.ts';
import type { VmSpec } from '../spec/spec.ts';
import type { VcpuControl, VcpuListener } from './vcpu-control.ts';
import type { VmPorts } from './vm-ports.ts';

export interface Instance {
  memory: VmMemory;
  control: VcpuControl;
  cables: VmCables;
  drives: VmDrives;
  screen: VmScreen;
}

export interface InstanceOptions {
  ports: Pick<VmPorts, 'host' | 'launch' | 'network' | 'drives' | 'pageSupply' | 'timebase'>;
  spec: VmSpec;
  machine: MachineSpec;
  /** How many bytes the VM has printed before. */
  serialPosition: number;
  /** It comes from another host. */
  arriving: boolean;
  /** Who waits for it is to be notified of something new on the screen. */
  onScreen(): void;
  listener: VcpuListener;
}

/** With its vCPU stopped. Rejects with OutOfMemoryError or the launcher's error; then nothing stays allocated. */
export async function createInstance(options: InstanceOptions): Promise<Instance> {
  const { ports, spec, machine, serialPosition, arriving, onScreen, listener } = options;
  const { host, launch, network, pageSupply, timebase } = ports;
  const nicQueues = (spec.nics ?? []).map(createNicQueue);
  const memory = new VmMemory(host, memoryNeeds(machine));
  memory.supply = pageSupply?.(host, memory);
  const cables = new VmCables();
  let control: VcpuControl | undefined;
  let drives: VmDrives | undefined;
  try {
    const { cpu, guest } = memory;
    drives = await VmDrives.attach(ports.drives, spec, { memory: host.memory, cpu });
    const request = { memory: host.memory, cpu, serialPosition, machine, nicQueues, diskQueues: drives.queues };
    const vcpu = await launch(request, listener);
    control = vcpu;
    if (network) cables.connect(network, spec, nicQueues, { memory: host.memory, cpu, arriving });
    if (!arriving) await drives.activate();
    const screen = new VmScreen({
      memory: guest,
      timebase,
      displayState: () => vcpu.displayState(),
      shootdown: () => requestShootdown(host.memory, cpu, timebase),
      onNews: onScreen,
    });
    return { memory, control, cables, drives, screen };
  } catch (error) {
    await control?.terminate();
    await drives?.detach();
    memory.free();
    throw error;
  }
}

/** Throws ImageError if the image is not as large as the ROM that the VM was set up with. */
export function loadRom({ memory }: Instance, boot: BootImage): void {
  try {
    memory.writeRom(concatenated([boot.rom ?? new Uint8Array(), ...(boot.optionRoms ?? [])]));
  } catch (error) {
    throw new ImageError((error as Error).message);
  }
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Loads the image and sets the registers; the vCPU stays stopped. */
export async function enterImage({ memory, control }: Instance, boot: BootImage): Promise<void> {
  for (const { guestPhysical, bytes } of boot.segments) await memory.write(guestPhysical, bytes);
  await control.boot(boot.initialState, boot.font);
}
