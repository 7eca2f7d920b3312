// Where the console of a host's page is: the same page without what makes it a host.

/** @param address of the host's page */
export function consoleAddress(address: string): string {
  const url = new URL(address);
  for (const name of ['host', 'name', 'memory']) url.searchParams.delete(name);
  // As it was written: a parameter without a value has no equals sign.
  url.search = url.search.replace(/=(?=&|$)/g, '');
  url.hash = '';
  return url.href;
}
