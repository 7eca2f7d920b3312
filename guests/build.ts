// npm run guests: makes the guest images, or says in one paragraph why it cannot.

import { ensureImages } from './images.ts';
import { GuestBuildError } from './packages/errors.ts';

try {
  const manifest = await ensureImages((line) => console.log(`guests: ${line}`));
  for (const guest of manifest.guests) {
    const size = Object.values(guest.files).reduce((total, file) => total + file.size, 0);
    console.log(`guests: ${guest.name} is ready (${guest.os}, ${(size / 1e6).toFixed(1)} MB)`);
  }
} catch (error) {
  if (!(error instanceof GuestBuildError)) throw error;
  console.error(`guests: ${error.message}`);
  process.exitCode = 1;
}
