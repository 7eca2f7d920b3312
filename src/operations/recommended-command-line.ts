// The command line that a guest of the catalogue starts with: its own, and the name of the VM as its host name.
import { labelOf } from '../../engine/base/object-name.ts';

export function recommendedCommandLine(commandLine: string, vmName: string): string {
  const label = labelOf(vmName);
  if (label === '' || /(^|\s)hostname=/.test(commandLine)) return commandLine;
  return `${commandLine} hostname=${label}`;
}
