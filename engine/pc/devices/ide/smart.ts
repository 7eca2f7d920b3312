// SMART's pages of a disk that never fails (ATA/ATAPI-5, §8.41; the attributes' layout is SFF-8035i's, revision 2.0).

const PAGE_SIZE = 512;
const CHECKSUM = PAGE_SIZE - 1;
const ATTRIBUTE_SIZE = 12;

interface Attribute {
  id: number;
  flags: number;
  /** Normalised: 100 is as new. */
  value: number;
  raw: number;
  /** At or below it the disk counts as failing. */
  threshold: number;
}

const ATTRIBUTES: readonly Attribute[] = [
  { id: 1, flags: 0x03, value: 100, raw: 0, threshold: 6 }, // read error rate
  { id: 3, flags: 0x03, value: 100, raw: 16, threshold: 0 }, // spin-up time
  { id: 4, flags: 0x02, value: 100, raw: 100, threshold: 20 }, // starts and stops
  { id: 5, flags: 0x03, value: 100, raw: 0, threshold: 36 }, // reallocated sectors
  { id: 9, flags: 0x03, value: 100, raw: 1, threshold: 0 }, // hours powered on
  { id: 12, flags: 0x03, value: 100, raw: 0, threshold: 0 }, // power cycles
];

/** Self-test status, capabilities and times, as bytes behind the attributes. */
const OFFLINE_STATUS = 362;
const NEVER_STARTED = 0x00;
const CAPABILITY = 368;
const SAVES_ATTRIBUTES = 0x03;
const ERROR_LOGGING = 370;

export function smartData(): Uint8Array {
  const page = revision();
  for (const [n, { id, flags, value, raw }] of ATTRIBUTES.entries())
    page.set([id, flags, 0, value, value, raw], 2 + n * ATTRIBUTE_SIZE);
  page[OFFLINE_STATUS] = NEVER_STARTED;
  page[CAPABILITY] = SAVES_ATTRIBUTES;
  page[ERROR_LOGGING] = 1;
  return summed(page);
}

export function smartThresholds(): Uint8Array {
  const page = revision();
  for (const [n, { id, threshold }] of ATTRIBUTES.entries()) page.set([id, threshold], 2 + n * ATTRIBUTE_SIZE);
  return summed(page);
}

const LOG_DIRECTORY = 0x00;
const SUMMARY_ERROR_LOG = 0x01;
const SELF_TEST_LOG = 0x06;

/** One sector of a log; undefined: there is no such log. */
export function smartLog(address: number): Uint8Array | undefined {
  const page = new Uint8Array(PAGE_SIZE);
  if (address === LOG_DIRECTORY) {
    page[0] = 1;
    for (const log of [SUMMARY_ERROR_LOG, SELF_TEST_LOG]) page[2 * log] = 1;
    return page;
  }
  page[0] = 1; // revision, and nothing has been logged
  return address === SUMMARY_ERROR_LOG || address === SELF_TEST_LOG ? summed(page) : undefined;
}

function revision(): Uint8Array {
  const page = new Uint8Array(PAGE_SIZE);
  page[0] = 1;
  return page;
}

/** All bytes of a page sum up to 0. */
function summed(page: Uint8Array): Uint8Array {
  page[CHECKSUM] = -page.subarray(0, CHECKSUM).reduce((sum, byte) => sum + byte, 0) & 0xff;
  return page;
}
