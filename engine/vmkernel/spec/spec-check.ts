// Validates a VM's specification that came from outside: from a form in the console, or from another host.

import { DecodeError, IDENTIFIER_LIMIT } from '../../base/decode.ts';
import { objectName } from '../../base/object-name.ts';
import { BOOT_DEVICES, type BootOptions } from '../../pc/bus/boot.ts';
import { completeValues, DeviceSpecError } from '../../pc/bus/device-model.ts';
import { MAXIMUM_NICS } from '../../pc/bus/nic.ts';
import { MAXIMUM_OPTION_ROM_KIB, MAXIMUM_ROM_KIB } from '../../pc/firmware/rom-boot.ts';
import { DRIVE_MODELS, NIC_MODELS } from '../../pc/machine/device-models.ts';
import { deviceProblem } from '../../pc/machine/machine-check.ts';
import { cpuProblem } from './cpu-models.ts';
import { drivesProblem, isMedium } from './drive-check.ts';
import { machineSpec } from './machine-spec.ts';
import type {
  CpuSpec,
  FirmwareOutline,
  FirmwareSpec,
  ImageSource,
  ModuleSpec,
  NicSpec,
  VmOutline,
  VmSpec,
} from './spec.ts';

/** MiB. */
export const VM_MEMORY = { least: 4, most: 3072 };
/** More than any kernel takes: each says itself what it does (pc/firmware/linux-boot.ts). In characters, as the others. */
const MAXIMUM_COMMAND_LINE = 16_384;
const MAXIMUM_GUEST_OS = 256;
const MAXIMUM_DEVICES = 32;
const MAXIMUM_MODULES = 64;
const MAXIMUM_OPTION_ROMS = 8;
/** ms that firmware can be told to wait. */
const MAXIMUM_WAIT = 0xffff;
const MAXIMUM_URL = 4096;
/** Ids of VMs are parts of other identifiers. */
const MAXIMUM_ID = IDENTIFIER_LIMIT / 4;

export class SpecError extends Error {
  override name = 'SpecError';
}

/** What came from outside as a specification. Returns it with its name tidied. Throws SpecError naming the first thing wrong, for the user. */
export function checkVmSpec(value: unknown): VmSpec {
  const { name } = checkVmOutline(value);
  const spec = value as Partial<VmSpec>;
  if (spec.firmware !== undefined) checkFirmware(name, spec.firmware);
  if (spec.firmware !== undefined && spec.kernel !== undefined)
    throw new SpecError(`${name} has both firmware and a kernel: firmware finds what to start itself.`);
  if (spec.firmware === undefined && !isImage(spec.kernel)) throw new SpecError(`${name} has no kernel image.`);
  if (spec.initrd !== undefined && !isImage(spec.initrd)) throw new SpecError(`${name} has no usable initrd image.`);
  if (spec.vgaBios !== undefined && !isImage(spec.vgaBios)) throw new SpecError(`${name} has no usable VGA BIOS.`);
  checkModules(name, spec.modules, spec.initrd);
  const strange = spec.drives?.find(({ medium }) => medium !== undefined && !isMedium(medium));
  if (strange) throw new SpecError(`${name} has a drive whose medium comes from nowhere.`);
  return { ...(spec as VmSpec), name };
}

/** The same for a specification whose images are missing or not checked. */
export function checkVmOutline(value: unknown): VmOutline {
  const spec = (typeof value === 'object' && value !== null ? value : {}) as Partial<VmOutline>;
  for (const field of ['id', 'name', 'guestOs', 'commandLine'] as const) {
    if (typeof spec[field] !== 'string') throw new SpecError(`The VM's ${field} is missing.`);
  }
  const name = vmName(spec.name);
  if (!spec.id || spec.id.length > MAXIMUM_ID) throw new SpecError(`${name} has no usable id.`);
  if ((spec.guestOs ?? '').length > MAXIMUM_GUEST_OS) throw new SpecError(`${name} has too long a guest name.`);
  if ((spec.commandLine ?? '').length > MAXIMUM_COMMAND_LINE)
    throw new SpecError(`${name} has too long a command line: at most ${MAXIMUM_COMMAND_LINE} characters.`);
  checkMachine(name, spec);
  return { ...(spec as VmOutline), name };
}

/** What a host must be able to build: memory, CPU and devices. */
function checkMachine(name: string, spec: Partial<VmOutline>): void {
  const memory = vmMemoryProblem(spec.memoryMiB);
  if (memory) throw new SpecError(memory);
  if (spec.firmware !== undefined) checkFirmwareOutline(name, spec.firmware);
  checkCpu(name, spec.cpu);
  checkBoot(name, spec.boot);
  checkNics(name, spec.nics);
  const badDrive = drivesProblem(spec.drives);
  if (badDrive) throw new SpecError(`${name} ${badDrive}.`);
  checkDevices(name, spec.devices);
  const { memoryMiB, devices } = machineSpec(spec as VmOutline);
  const problem = deviceProblem(memoryMiB, devices);
  if (problem) throw new SpecError(`${name} cannot have the devices that it asks for: ${problem}.`);
}

function isRomSize(value: unknown): value is number {
  return (
    Number.isInteger(value) &&
    (value as number) > 0 &&
    (value as number) <= MAXIMUM_ROM_KIB &&
    (value as number) % 64 === 0
  );
}

function checkFirmwareOutline(name: string, firmware: unknown): void {
  const { sizeKiB, roms } = (firmware ?? {}) as Partial<FirmwareOutline>;
  if (!isRomSize(sizeKiB))
    throw new SpecError(`${name}'s firmware must have a multiple of 64 KiB, up to ${MAXIMUM_ROM_KIB} KiB.`);
  if (roms === undefined) return;
  if (!Array.isArray(roms) || roms.length > MAXIMUM_OPTION_ROMS)
    throw new SpecError(`${name} has more than ${MAXIMUM_OPTION_ROMS} option ROMs, or no list of them.`);
  for (const rom of roms as Partial<Record<'model' | 'sizeKiB', unknown>>[]) {
    if (typeof rom?.model !== 'string' || rom.model.length > IDENTIFIER_LIMIT || !isOptionRomSize(rom.sizeKiB))
      throw new SpecError(
        `${name} has an option ROM that is not possible: it is for a device model and has a power of two KiB, 4 to ${MAXIMUM_OPTION_ROM_KIB}.`,
      );
  }
}

function isOptionRomSize(value: unknown): value is number {
  const size = value as number;
  return Number.isInteger(size) && size >= 4 && size <= MAXIMUM_OPTION_ROM_KIB && (size & (size - 1)) === 0;
}

function checkFirmware(name: string, { image, roms = [] }: Partial<FirmwareSpec>): void {
  if (!isImage(image)) throw new SpecError(`${name} has no firmware image.`);
  const without = roms.find((rom) => !isImage(rom.image));
  if (without) throw new SpecError(`${name} has no image for the option ROM of ${without.model}.`);
}

function checkModules(name: string, modules: unknown, initrd: unknown): void {
  if (modules === undefined) return;
  if (!Array.isArray(modules) || modules.length > MAXIMUM_MODULES || !modules.every(isModule))
    throw new SpecError(`${name} has more than ${MAXIMUM_MODULES} modules, or no list of them.`);
  if (modules.length > 0 && initrd !== undefined)
    throw new SpecError(`${name} has both an initrd and modules: a kernel takes either.`);
}

function isModule(value: unknown): boolean {
  const module = (value ?? {}) as Partial<ModuleSpec>;
  const { image, commandLine } = module;
  return isImage(image) && typeof commandLine === 'string' && commandLine.length <= MAXIMUM_COMMAND_LINE;
}

function checkCpu(name: string, cpu: unknown): void {
  if (cpu === undefined) return;
  const { model, features = {} } = (cpu ?? {}) as Partial<CpuSpec>;
  const isList = typeof features === 'object' && features !== null;
  if (typeof model !== 'string' || !isList || !Object.values(features).every((told) => typeof told === 'boolean'))
    throw new SpecError(`${name} has a CPU that is not possible: it has a model, and features that are true or false.`);
  const problem = cpuProblem({ model, features });
  if (problem) throw new SpecError(`${name} has a CPU that is not possible: ${problem}.`);
}

function checkBoot(name: string, boot: unknown): void {
  if (boot === undefined) return;
  if (typeof boot !== 'object' || boot === null) throw new SpecError(`${name} has boot options that are none.`);
  const { order, once, menu, strict, menuWaitMs, retryMs } = boot as BootOptions;
  for (const one of [order, once]) {
    if (one !== undefined && !isBootOrder(one))
      throw new SpecError(`${name} has a boot order that is none: of ${BOOT_DEVICES.join(', ')}, each once.`);
  }
  if (![menu, strict].every((choice) => choice === undefined || typeof choice === 'boolean'))
    throw new SpecError(`${name} has boot options that are neither on nor off.`);
  if (![menuWaitMs, retryMs].every((ms) => ms === undefined || isWait(ms)))
    throw new SpecError(`${name} cannot wait for so long when it boots: 0 to ${MAXIMUM_WAIT} ms.`);
}

function isBootOrder(order: unknown): boolean {
  return (
    Array.isArray(order) &&
    order.every((device) => BOOT_DEVICES.includes(device)) &&
    new Set(order).size === order.length
  );
}

function isWait(ms: unknown): boolean {
  return Number.isInteger(ms) && (ms as number) >= 0 && (ms as number) <= MAXIMUM_WAIT;
}

/** That it is a list of devices at all. */
function checkDevices(name: string, devices: unknown): void {
  if (devices === undefined) return;
  if (!Array.isArray(devices) || devices.length > MAXIMUM_DEVICES)
    throw new SpecError(`${name} has more than ${MAXIMUM_DEVICES} devices, or no list of them.`);
  if (!devices.every((device) => typeof device?.model === 'string' && device.model.length <= IDENTIFIER_LIMIT))
    throw new SpecError(`${name} has a device without a name.`);
  const card = devices.find(({ model }) => NIC_MODELS.some((nic) => nic.name === model));
  if (card)
    throw new SpecError(`${name} has the network card ${card.model} among its devices: it belongs among its nics.`);
  const drive = devices.find(({ model }) => DRIVE_MODELS.some(({ name: one }) => one === model));
  if (drive)
    throw new SpecError(`${name} has the drive ${drive.model} among its devices: it belongs among its drives.`);
}

function vmName(value: unknown): string {
  try {
    return objectName(value, 'The VM’s name');
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new SpecError(`${error.message}.`);
  }
}

/** What is wrong with a VM's memory, as a sentence, or undefined. */
export function vmMemoryProblem(memoryMiB: unknown): string | undefined {
  const { least, most } = VM_MEMORY;
  if (Number.isInteger(memoryMiB) && (memoryMiB as number) >= least && (memoryMiB as number) <= most) return undefined;
  return `A VM's memory is a whole number of MiB from ${least} to ${most}.`;
}

function checkNics(name: string, nics: unknown): void {
  if (nics === undefined) return;
  if (!Array.isArray(nics) || nics.length > MAXIMUM_NICS) {
    throw new SpecError(`${name} has more than ${MAXIMUM_NICS} network cards, or no list of them.`);
  }
  const seen = new Set<string>();
  for (const [index, nic] of (nics as Partial<NicSpec>[]).entries()) {
    const { portGroup = '' } = nic ?? {};
    if (typeof portGroup !== 'string' || portGroup.length > IDENTIFIER_LIMIT)
      throw new SpecError(`${name} has a network card in no port group.`);
    checkNic(name, nic, index);
    const mac = (nic as NicSpec).mac.toLowerCase();
    if (seen.has(mac)) throw new SpecError(`${name} has two network cards with the address ${mac}.`);
    seen.add(mac);
  }
}

function checkNic(name: string, nic: Partial<NicSpec> | undefined, index: number): void {
  const model = NIC_MODELS.find((one) => one.name === nic?.model);
  if (!model) {
    const models = NIC_MODELS.map((one) => one.name).join(' or ');
    throw new SpecError(`${name} has a network card that is not possible: its model must be ${models}.`);
  }
  try {
    completeValues(model, { ...nic?.properties, index, mac: nic?.mac });
  } catch (error) {
    if (!(error instanceof DeviceSpecError)) throw error;
    throw new SpecError(`${name} has a network card that is not possible: ${error.message}.`);
  }
}

function isImage(value: unknown): value is ImageSource {
  const image = value as Partial<ImageSource & { url: unknown; bytes: unknown }> | undefined;
  if (image?.kind === 'url') return typeof image.url === 'string' && image.url.length <= MAXIMUM_URL;
  return image?.kind === 'bytes' && image.bytes instanceof Uint8Array;
}
