// The subnet's DNS server (RFC 1035): authoritative for the domain of its VMs and for the addresses of its networks, and for
// nothing else. It refuses what is outside at once, so that a guest does not wait for an Internet that is not there.

import { GATEWAY_LABEL } from '../../base/object-name.ts';
import { ipv6Text } from '../packet/address.ts';
import type { DnsMessage, DnsRecord } from '../packet/dns.ts';
import type { AddressBook } from './address-book.ts';
import { address6Of, isIpv4, type SubnetPlan } from './subnet-plan.ts';

/** Seconds: a VM's address may change with its next lease. */
const TTL = 30;

const AUTHORITATIVE = 0x400;
const RECURSION_DESIRED = 0x100;
export const DNS_CODE = { noError: 0, notImplemented: 4, nameError: 3, refused: 5 } as const;

interface Resolution {
  /** One of DNS_CODE. */
  code: number;
  records: DnsRecord[];
}

export class DnsServer {
  readonly #plan: SubnetPlan;
  readonly #book: AddressBook;

  constructor(plan: SubnetPlan, book: AddressBook) {
    this.#plan = plan;
    this.#book = book;
  }

  /** Undefined for what is no query with one question: clients send no others. */
  answer(query: DnsMessage): DnsMessage | undefined {
    const [question] = query.questions ?? [];
    if (query.type !== 'query' || query.questions?.length !== 1) return undefined;
    const { code, records } =
      query.opcode === 'QUERY'
        ? this.#resolve(question.name, question.type)
        : { code: DNS_CODE.notImplemented, records: [] };
    const authority = code === DNS_CODE.noError || code === DNS_CODE.nameError ? AUTHORITATIVE : 0;
    return {
      type: 'response',
      id: query.id,
      flags: authority | ((query.flags ?? 0) & RECURSION_DESIRED) | code,
      questions: [question],
      answers: records,
    };
  }

  #resolve(name: string, type: string): Resolution {
    const { code, records } = this.#lookUp(name);
    return { code, records: records.filter((record) => type === 'ANY' || record.type === type) };
  }

  /** All that is known of a name, whatever type was asked for: a name with other records exists. */
  #lookUp(name: string): Resolution {
    const lower = name.toLowerCase();
    const suffix = `.${this.#plan.domain}`;
    if (lower === this.#plan.domain) return { code: DNS_CODE.noError, records: [] };
    if (lower.endsWith(suffix)) return this.#host(name, lower.slice(0, -suffix.length));
    const address = reversedAddress(lower);
    return address === undefined ? { code: DNS_CODE.refused, records: [] } : this.#pointer(name, address);
  }

  #host(name: string, label: string): Resolution {
    const isGateway = label === GATEWAY_LABEL;
    if (!isGateway && !this.#book.knows(label)) return { code: DNS_CODE.nameError, records: [] };
    const addresses = isGateway ? [this.#plan.address, address6Of(this.#plan)] : this.#book.addressesOf(label);
    const global = addresses.filter((address) => !address.startsWith('fe80:'));
    return {
      code: DNS_CODE.noError,
      records: global.map((data) => ({ name, type: isIpv4(data) ? 'A' : 'AAAA', ttl: TTL, data })),
    };
  }

  #pointer(name: string, address: string): Resolution {
    const own = address === this.#plan.address || address === address6Of(this.#plan);
    const owner = this.#book.ownerOf(address);
    const label = own ? GATEWAY_LABEL : owner && this.#book.nameOf(owner);
    if (!label) return { code: DNS_CODE.nameError, records: [] };
    return {
      code: DNS_CODE.noError,
      records: [{ name, type: 'PTR', ttl: TTL, data: `${label}.${this.#plan.domain}` }],
    };
  }
}

/** The address in a name of the reverse domains (RFC 1035, 3.5; RFC 3596, 2.5). */
function reversedAddress(name: string): string | undefined {
  const v4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.in-addr\.arpa$/.exec(name);
  if (v4) return v4.slice(1).reverse().join('.');
  if (!/^([0-9a-f]\.){32}ip6\.arpa$/.test(name)) return undefined;
  const digits = name.split('.').slice(0, 32).reverse().join('');
  return ipv6Text(Uint8Array.from(digits.match(/../g)!, (byte) => Number.parseInt(byte, 16)));
}
