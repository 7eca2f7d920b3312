// Network cards on the command line: -nic, and -netdev with -device.

import { macBytes, macText } from '../../engine/base/mac-address.ts';
import type { PropertyValues } from '../../engine/pc/bus/device-model.ts';
import type { NicSpec } from '../../engine/vmkernel/spec/spec.ts';
import { parseProperties } from '../common/properties.ts';
import { UsageError } from '../common/usage-error.ts';
import { virtioProperties } from '../common/virtio-properties.ts';
import { type Netdev, netdevKind, netdevText } from './netdev.ts';

/** QEMU's names of cards, and those of the models here. */
const MODELS: Readonly<Record<string, string>> = {
  'virtio-net-pci': 'virtio-net',
  'virtio-net': 'virtio-net',
  virtio: 'virtio-net',
  ne2k_pci: 'ne2k-pci',
};
const MODEL_NAMES = 'virtio-net-pci, ne2k_pci';

export interface NicOption {
  option: string;
  model: string;
  mac?: string;
  /** Its own id. */
  id?: string;
  /** The id of a -netdev; none: it is connected to nothing. */
  netdev?: string;
  romFile?: string;
  /** Of a virtio device. */
  virtio?: PropertyValues;
}

export interface PlacedNic {
  name: string;
  spec: NicSpec;
  netdev: string | undefined;
  netdevText: string;
}

/** -nic; undefined: no card. Throws UsageError. @param count how many -nic came before */
export function parseNic(value: string, count: number): { nic: NicOption; netdev: Netdev } | undefined {
  if (value === 'none') return undefined;
  const option = `-nic ${value}`;
  const [kind, ...rest] = value.split(',');
  const { model = 'virtio', mac, id = `#net${count}`, ...properties } = parseProperties('-nic', rest);
  return {
    nic: { option, model: modelNamed(option, model), ...(mac && { mac: macOf(option, mac) }), netdev: id },
    netdev: { id, ...netdevKind(option, kind, properties) },
  };
}

/** -device, if it is a network card. Throws UsageError. */
export function parseNicDevice(value: string): NicOption | undefined {
  const [name, ...rest] = value.split(',');
  if (!Object.hasOwn(MODELS, name) || rest.includes('help')) return undefined;
  const option = `-device ${value}`;
  const { netdev, mac, id, romfile, ...others } = parseProperties(`-device ${name}`, rest);
  const { virtio, rest: unknown } =
    MODELS[name] === 'virtio-net' ? virtioProperties(`-device ${name}`, others) : { rest: others };
  const surplus = Object.keys(unknown)[0];
  if (surplus !== undefined) throw new UsageError(`-device ${name}: unknown property "${surplus}"`);
  return {
    ...{ option, model: MODELS[name] },
    ...(mac !== undefined && { mac: macOf(option, mac) }),
    ...(id !== undefined && { id }),
    ...(netdev !== undefined && { netdev }),
    // An empty name: none.
    ...(romfile && { romFile: romfile }),
    ...(virtio && { virtio }),
  };
}

/** All options together. Throws UsageError. */
export function nicsOf(nics: readonly NicOption[], netdevs: readonly Netdev[]): PlacedNic[] {
  const ids = netdevs.map(({ id }) => id);
  const twin = ids.find((id, n) => ids.indexOf(id) !== n);
  if (twin !== undefined) throw new UsageError(`-netdev: the id "${twin}" is taken`);
  return nics.map(({ option, model, mac, id, netdev, virtio }, n) => {
    const found = netdevs.find((one) => one.id === netdev);
    if (netdev !== undefined && !found) throw new UsageError(`${option}: there is no -netdev with id=${netdev}`);
    if (netdev !== undefined && nics.slice(0, n).some((other) => other.netdev === netdev))
      throw new UsageError(`${option}: the -netdev ${netdev} has a card already`);
    const name = id ?? `${model}.${n}`;
    return {
      name,
      spec: { model, mac: mac ?? defaultMac(nics, n), ...(virtio && { properties: virtio }) },
      netdev,
      netdevText: found ? netdevText(found) : 'type=none',
    };
  });
}

/** QEMU's: 52:54:00:12:34:56 and on. */
function defaultMac(nics: readonly NicOption[], n: number): string {
  const before = nics.slice(0, n).filter(({ mac }) => mac === undefined);
  return `52:54:00:12:34:${(0x56 + before.length).toString(16)}`;
}

function macOf(option: string, text: string): string {
  try {
    return macText(macBytes(text));
  } catch {
    throw new UsageError(`${option}: "${text}" is not a MAC address`);
  }
}

function modelNamed(option: string, name: string): string {
  if (!Object.hasOwn(MODELS, name))
    throw new UsageError(`${option}: there is no card "${name}" (there are ${MODEL_NAMES})`);
  return MODELS[name];
}
