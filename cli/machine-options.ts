// The options about the machine as a whole: type, accelerator, CPUs, boot order. Most can say only what is so anyway.

import type { BootDevice, BootOptions } from '../engine/pc/bus/boot.ts';
import { UsageError } from './common/usage-error.ts';

export const MACHINE_HELP = `Supported machines are:
pc                   Standard PC (i440FX + PIIX, 1996)
`;
export const ACCEL_HELP = `Accelerators supported:
tcg
`;

const PROPERTIES =
  /^(usb=off|vmport=(off|auto)|graphics=off|smm=(off|auto)|hpet=off|mem-merge=(on|off)|dump-guest-core=(on|off))$/;

/** Accelerators in the order to try, as -machine accel=A:B gives them; undefined if it says nothing of them. */
export function parseMachine(name: string, value: string): readonly string[] | undefined {
  const [first, ...rest] = value.split(',');
  const isType = !first.includes('=') || first.startsWith('type=');
  if (isType && !/^(type=)?pc(-i440fx-[\w.]+)?$/.test(first)) {
    throw new UsageError(`${name} ${value}: the machine is a "pc"`);
  }
  let accelerators: readonly string[] | undefined;
  for (const property of isType ? rest : [first, ...rest]) {
    const [key, text] = property.split('=');
    if (key === 'accel' && text) accelerators = text.split(':');
    else if (!PROPERTIES.test(property)) throw new UsageError(`${name} ${value}: "${property}" is not possible here`);
  }
  return accelerators;
}

/** The accelerator that one -accel option names. */
export function parseAccel(value: string): string {
  const [name, ...properties] = value.split(',');
  const wrong = properties.find(
    (property) => !/^(thread=(single|multi)|tb-size=\d+|one-insn-per-tb=(on|off))$/.test(property),
  );
  if (name === 'tcg' && wrong !== undefined) throw new UsageError(`-accel ${value}: "${wrong}" is not possible here`);
  return name;
}

/** One of those that may be tried has to be there. */
export function checkAccelerators(accelerators: readonly string[]): void {
  if (accelerators.length === 0 || accelerators.includes('tcg')) return;
  throw new UsageError(`-accel ${accelerators.join(':')}: only "-accel tcg" is possible here`);
}

export function checkSmp(value: string): void {
  const [first, ...rest] = value.split(',');
  const one = (part: string) => /^(cpus|sockets|dies|clusters|cores|threads|maxcpus)=1$/.test(part);
  if ((first !== '1' && !one(first)) || !rest.every(one))
    throw new UsageError(`-smp ${value}: the machine has one CPU; several in one machine are not possible yet`);
}

/** QEMU's letters. Others name devices that a PC does not have. */
const BOOT_LETTERS: Readonly<Record<string, BootDevice>> = { a: 'floppy', c: 'disk', d: 'cdrom', n: 'network' };

/** What firmware is to boot from, as far as the option says. */
export function parseBoot(value: string): BootOptions {
  const parts = value.split(',').map((part, n): [string, string] => {
    const [name, text] = part.split('=');
    return text === undefined && n === 0 ? ['order', name] : [name, text ?? ''];
  });
  const all = parts.map(([name, text]) => {
    const options = Object.hasOwn(BOOT_PROPERTIES, name) ? BOOT_PROPERTIES[name](text) : undefined;
    if (!options) throw new UsageError(`-boot ${value}: not a boot order`);
    return options;
  });
  return Object.assign({}, ...all);
}

/** What each says; undefined for a value that it cannot have. */
const BOOT_PROPERTIES: Readonly<Record<string, (text: string) => BootOptions | undefined>> = {
  order: (text) => ifThere(bootOrder(text), (order) => ({ order })),
  once: (text) => ifThere(bootOrder(text), (once) => ({ once })),
  menu: (text) => ifThere(onOrOff(text), (menu) => ({ menu })),
  strict: (text) => ifThere(onOrOff(text), (strict) => ({ strict })),
  'splash-time': (text) => ifThere(wait(text), (menuWaitMs) => ({ menuWaitMs })),
  // -1: it is not tried again.
  'reboot-timeout': (text) => (text === '-1' ? {} : ifThere(wait(text), (retryMs) => ({ retryMs }))),
};

function bootOrder(text: string): BootDevice[] | undefined {
  if (!/^[a-p]+$/.test(text)) return undefined;
  return [...new Set(text)].flatMap((letter) => BOOT_LETTERS[letter] ?? []);
}

function onOrOff(text: string): boolean | undefined {
  return { on: true, off: false }[text];
}

/** ms, in 16 bits. */
function wait(text: string): number | undefined {
  return /^\d+$/.test(text) && Number(text) <= 0xffff ? Number(text) : undefined;
}

function ifThere<T>(value: T | undefined, then: (value: T) => BootOptions): BootOptions | undefined {
  return value === undefined ? undefined : then(value);
}

export function checkRtc(value: string): void {
  const known = (part: string) => /^(base=utc|clock=(host|rt|vm)|driftfix=(none|slew))$/.test(part);
  if (value.split(',').every(known)) return;
  throw new UsageError(`-rtc ${value}: the clock shows the time of day in UTC, "-rtc base=utc"`);
}
