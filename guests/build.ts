// npm run guests: makes the guest images, or says in one paragraph why it cannot.

import { ensureImages } from './images.ts';
import { GuestBuildError } from './packages/errors.ts';

try {
  const manifest = await ensureImages((line) => console.log(`guests: ${line}`));
  const { firmware, guests } = manifest;
  for (const { name, what, files } of [
    { ...firmware, what: firmware.version },
    ...guests.map((guest) => ({ ...guest, what: guest.os })),
  ]) {
    const size = Object.values(files).reduce((total, file) => total + file.size, 0);
    console.log(`guests: ${name} is ready (${what}, ${(size / 1e6).toFixed(1)} MB)`);
  }
} catch (error) {
  if (!(error instanceof GuestBuildError)) throw error;
  console.error(`guests: ${error.message}`);
  process.exitCode = 1;
}
