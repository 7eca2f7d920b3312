import { describe, expect, it } from 'vitest';
import { AddressBook } from './address-book.ts';

describe('names of NICs', () => {
  it('that guests give themselves never take what a host has named', () => {
    const book = new AddressBook();
    book.setName('m1', 'web1');
    book.lease('m1', '10.0.0.100');
    book.suggestName('m2', 'WEB1');
    book.lease('m2', '10.0.0.101');
    expect(book.nameOf('m2')).toBe('web1-2');
    expect(book.addressesOf('web1')).toEqual(['10.0.0.100']);
    book.suggestName('m3', 'web1');
    expect(book.nameOf('m3')).toBe('web1-3');
    book.suggestName('m3', 'web1');
    expect(book.nameOf('m3')).toBe('web1-3');
  });

  it('are given up by guests when a host gives them to its VM', () => {
    const book = new AddressBook();
    book.suggestName('m2', 'web1');
    expect(book.nameOf('m2')).toBe('web1');
    book.setName('m1', 'Web1');
    expect([book.nameOf('m1'), book.nameOf('m2')]).toEqual(['web1', 'web1-2']);
  });

  it('are those of the subnet itself for nobody, and labels however long', () => {
    const book = new AddressBook();
    book.suggestName('m1', 'gateway');
    expect(book.nameOf('m1')).toBe('gateway-2');
    book.suggestName('m2', 'x'.repeat(300));
    book.suggestName('m3', 'x'.repeat(300));
    expect([book.nameOf('m2')?.length, book.nameOf('m3')]).toEqual([63, `${'x'.repeat(61)}-2`]);
  });

  it('are shared by the cards of one VM', () => {
    const book = new AddressBook();
    book.setName('m1', 'web1');
    book.setName('m2', 'web1');
    expect([book.nameOf('m1'), book.nameOf('m2')]).toEqual(['web1', 'web1']);
  });
});
