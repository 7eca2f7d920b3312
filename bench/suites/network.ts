// Two guests on one network: how fast is a large file, how long takes a ping, how many small pages a second. Ours on one
// host and on two, with the modelled link off; v86's each in a tab, over its `inbrowser` backend, which is the figure that
// both compare with.

import { START_CARD } from '../../e2e/support/v86-options.ts';
import type { Engine, Placement, RunningGuests } from '../engines/engine.ts';
import type { GuestImage } from '../images/guest-image.ts';
import { PROMPT, plainImage } from '../images/images.ts';
import { median } from '../measure/statistics.ts';
import { commandsPerSecond, timeCommand } from './guest-shell.ts';
import type { Results, Unit } from './results.ts';

const SERVER = { guest: 0, address: '10.0.0.11' };
const CLIENT = { guest: 1, address: '10.0.0.12' };
const FILE_MIB = 8;
const PINGS = 100;
const PING_INTERVAL_SECONDS = 0.05;
const PAGES = 10;
const BITS_PER_MIB = 8 << 20;
/** The kernel's messages would fall between others. Only v86's card has to be started. */
const NETWORK_UP = `dmesg -n 1; [ -e /sys/class/net/eth0 ] || { ${START_CARD}; }`;
const BOOT_LIMIT_MS = 240_000;
const LIMIT_MS = 240_000;

interface Figure {
  what: string;
  unit: Unit;
  value: number;
}

/** One round of an engine that has networks. */
export async function runNetwork({ name, network }: Engine, results: Results): Promise<void> {
  if (!network) return;
  const [server, client] = [SERVER, CLIENT].map(({ address }) => imageWith(address));
  const add = (where: string, figures: readonly Figure[]) => {
    for (const { what, unit, value } of figures) results.add('network', `${where}: ${what}`, unit, name, value);
  };
  const measured = async (placement: Placement) => {
    const guests = await network.start(placement);
    try {
      return await measure(guests, (text) => results.remark(name, text));
    } finally {
      await guests.stop();
    }
  };
  const apart = await measured([[server], [client]]);
  add('one host', network.hosts ? await measured([[server, client]]) : apart);
  add('two hosts', apart);
}

function imageWith(address: string): GuestImage {
  const image = plainImage();
  const { linux } = image;
  return { ...image, linux: { ...linux, commandLine: `${linux.commandLine} ip=${address}/24` }, network: true };
}

async function measure(guests: RunningGuests, remark: (text: string) => void): Promise<Figure[]> {
  for (const { guest } of [SERVER, CLIENT]) {
    await guests.waitFor(PROMPT, BOOT_LIMIT_MS, guest);
    await timeCommand(guests, guest, NETWORK_UP);
  }
  await timeCommand(guests, SERVER.guest, `dd if=/dev/zero of=/tmp/random bs=1M count=${FILE_MIB} 2>/dev/null; web`);
  const fetch = `wget -q -O /dev/null http://${SERVER.address}/`;
  // Addresses are resolved and what runs often has been translated before anything is measured.
  await timeCommand(guests, CLIENT.guest, `${fetch}random`);

  const files = await commandsPerSecond(guests, CLIENT.guest, `${fetch}random`);
  const pings = await ping(guests);
  if (pings.length < PINGS) remark(`network: ${PINGS - pings.length} of ${PINGS} pings were not answered`);
  const batches = await commandsPerSecond(guests, CLIENT.guest, `for i in $(seq ${PAGES}); do ${fetch} || break; done`);
  return [
    { what: 'a large file', unit: 'Mbit/s', value: (files * FILE_MIB * BITS_PER_MIB) / 1e6 },
    { what: 'ping, average', unit: 'ms', value: pings.reduce((sum, ms) => sum + ms, 0) / pings.length },
    { what: 'ping, median', unit: 'ms', value: median(pings) },
    { what: 'small pages', unit: '1/s', value: batches * PAGES },
  ];
}

/** Round-trip times in ms of those that were answered, as the guest says. They are printed when all is over. */
async function ping(guests: RunningGuests): Promise<number[]> {
  const command = `ping -c ${PINGS} -i ${PING_INTERVAL_SECONDS} ${SERVER.address} >/tmp/ping`;
  await timeCommand(guests, CLIENT.guest, command);
  await guests.send(`echo @'times' $(sed -n 's/.* time=\\([0-9.]*\\) ms$/\\1/p' /tmp/ping) @\n`, CLIENT.guest);
  const { groups } = await guests.waitFor('@times ([0-9. ]+) @', LIMIT_MS, CLIENT.guest);
  await guests.waitFor(PROMPT, LIMIT_MS, CLIENT.guest);
  return groups[1].split(' ').map(Number);
}
