// The ten time registers of the MC146818 as a point in time, in the format that register B selects. UTC.

export const SECONDS = 0x00;
export const SECONDS_ALARM = 0x01;
export const MINUTES = 0x02;
export const MINUTES_ALARM = 0x03;
export const HOURS = 0x04;
export const HOURS_ALARM = 0x05;
export const DAY_OF_WEEK = 0x06;
export const DAY_OF_MONTH = 0x07;
export const MONTH = 0x08;
export const YEAR = 0x09;
/** Not of the chip: where BIOSes keep the century. */
export const CENTURY = 0x32;

export const B_24_HOURS = 0x02;
export const B_BINARY = 0x04;
const PM = 0x80;

/** Writes the time of `ms` (since 1970) into `cmos` in register B's format. */
export function encodeTime(cmos: Uint8Array, ms: number, registerB: number): void {
  const date = new Date(ms);
  const put = (register: number, value: number) => {
    cmos[register] = number(value, registerB);
  };
  put(SECONDS, date.getUTCSeconds());
  put(MINUTES, date.getUTCMinutes());
  const hours = date.getUTCHours();
  if (registerB & B_24_HOURS) put(HOURS, hours);
  else cmos[HOURS] = number(hours % 12 || 12, registerB) | (hours >= 12 ? PM : 0);
  put(DAY_OF_WEEK, date.getUTCDay() + 1);
  put(DAY_OF_MONTH, date.getUTCDate());
  put(MONTH, date.getUTCMonth() + 1);
  put(YEAR, date.getUTCFullYear() % 100);
  put(CENTURY, Math.floor(date.getUTCFullYear() / 100));
}

/** The time in `cmos`, ms since 1970. Fields out of range carry over, as Date does. */
export function decodeTime(cmos: Uint8Array, registerB: number): number {
  const get = (register: number) => value(cmos[register], registerB);
  return Date.UTC(
    get(CENTURY) * 100 + get(YEAR),
    get(MONTH) - 1,
    get(DAY_OF_MONTH),
    hoursOf(cmos[HOURS], registerB),
    get(MINUTES),
    get(SECONDS),
  );
}

/** Does the alarm match the RTC second (since 1970)? An alarm register of C0h or more matches anything. */
export function alarmMatches(cmos: Uint8Array, second: number, registerB: number): boolean {
  const matches = (register: number, decode: (raw: number) => number, expected: number) =>
    cmos[register] >= 0xc0 || decode(cmos[register]) === expected;
  const plain = (raw: number) => value(raw, registerB);
  return (
    matches(SECONDS_ALARM, plain, second % 60) &&
    matches(MINUTES_ALARM, plain, Math.floor(second / 60) % 60) &&
    matches(HOURS_ALARM, (raw) => hoursOf(raw, registerB), Math.floor(second / 3600) % 24)
  );
}

function hoursOf(raw: number, registerB: number): number {
  if (registerB & B_24_HOURS) return value(raw, registerB);
  return (value(raw & ~PM, registerB) % 12) + (raw & PM ? 12 : 0);
}

function number(n: number, registerB: number): number {
  return registerB & B_BINARY ? n : (Math.floor(n / 10) << 4) | (n % 10);
}

function value(raw: number, registerB: number): number {
  return registerB & B_BINARY ? raw : (raw >> 4) * 10 + (raw & 15);
}
