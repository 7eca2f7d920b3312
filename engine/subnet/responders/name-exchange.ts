// Every host announces to the others the names of the VMs behind its NICs, so that the host that answers DNS knows them all.

import { DecodeError, fields } from '../../base/decode.ts';
import { macBytes } from '../../base/mac-address.ts';
import { objectName } from '../../base/object-name.ts';
import type { MessageKind, Subnet } from '../carrier/subnet.ts';
import type { AddressBook } from './address-book.ts';

/** MAC address to VM name. */
interface Names {
  names: Map<string, string>;
}

const MAXIMUM_NAMES = 1024;

const namesKind: MessageKind<Names> = {
  name: 'network-names',
  decode(value) {
    const { names } = fields(value);
    if (!(names instanceof Map) || names.size > MAXIMUM_NAMES) throw new DecodeError('names is not a map of names');
    return { names: new Map([...names].map(([mac, name]) => [macOf(mac), objectName(name, 'name')])) };
  },
};

const namesWantedKind: MessageKind<object> = { name: 'network-names-wanted', decode: fields };

export class NameExchange {
  readonly #channel: Subnet;
  readonly #book: AddressBook;
  readonly #own = new Map<string, string>();

  constructor(channel: Subnet, book: AddressBook) {
    this.#channel = channel;
    this.#book = book;
    channel.on(namesKind, (_from, { names }) => {
      for (const [mac, name] of names) book.setName(mac, name);
    });
    channel.on(namesWantedKind, () => this.#tell(this.#own));
  }

  /** A NIC of this host. */
  set(mac: string, name: string): void {
    this.#own.set(mac, name);
    this.#book.setName(mac, name);
    this.#tell(new Map([[mac, name]]));
  }

  /** The NIC is not here any more; where it has gone, another host names it. */
  remove(mac: string): void {
    this.#own.delete(mac);
  }

  /** Has all hosts announce their names again. */
  ask(): void {
    this.#channel.broadcast(namesWantedKind, {});
  }

  #tell(names: Map<string, string>): void {
    if (names.size > 0) this.#channel.broadcast(namesKind, { names });
  }
}

function macOf(value: unknown): string {
  try {
    macBytes(String(value));
  } catch {
    throw new DecodeError('a name has no MAC address');
  }
  return String(value).toLowerCase();
}
