// The Hardware section of a VM: what its machine is made of, its drives, what lies in them, and how much of them is kept in this tab's memory
// alone. Media are put in and taken out here.
import { Button } from '@patternfly/react-core';
import { useRef } from 'react';
import type { DriveStatus, VmStatus } from '../../engine/host/api.ts';
import { isRemovable } from '../../engine/vmkernel/spec/drive-check.ts';
import { type Fact, PlainFacts } from '../components/Facts.tsx';
import { formatBytes, formatCount } from '../format/format.ts';
import { chosenFiles } from '../media/picked-file.ts';
import { useFileDrop } from '../media/use-file-drop.ts';
import { driveKind, ejectMedium, insertFiles } from '../operations/media-operations.ts';
import { useVm } from '../state/hooks.ts';
import { notify } from '../state/store.ts';
import { driveName } from './drive-words.ts';
import { deviceFacts, machineFacts } from './machine-facts.ts';

export function VmHardware({ vmId }: { vmId: string }) {
  const vm = useVm(vmId);
  if (!vm) return null;
  const { name, drives = [] } = vm;
  return (
    <div className="tv-network">
      <section className="tv-panel" aria-label="Machine">
        <header className="tv-panel-header">
          <h2>Machine</h2>
        </header>
        <div className="tv-card-facts">
          <PlainFacts facts={machineFacts(vm.spec)} />
          <PlainFacts facts={deviceFacts(vm.spec)} />
        </div>
      </section>
      <p className="tv-quiet">{drives.length === 0 ? NO_DRIVES : keptWords(name)}</p>
      {drives.map((drive, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a drive is its place in the list
        <DrivePanel key={n} vm={vm} drive={drive} index={n} />
      ))}
    </div>
  );
}

const NO_DRIVES =
  'It has no drives: these are chosen when a VM is created. Files reach a guest by a CD drive, so one is worth having.';

function keptWords(name: string): string {
  const kept = `What ${name} writes to its drives is kept in the memory of the browser tab that its host lives in, and ends with that tab.`;
  return `${kept} The files and images themselves are never changed.`;
}

function DrivePanel({ vm, drive, index }: { vm: VmStatus; drive: DriveStatus; index: number }) {
  const { model, properties, medium } = drive;
  const input = useRef<HTMLInputElement>(null);
  const insert = (files: Parameters<typeof insertFiles>[2]) => void insertFiles(vm.id, index, files);
  const drop = useFileDrop(insert, (reason) => notify('warning', 'Not taken', reason, vm.id));
  const name = driveName(model, properties);
  const canChange = isRemovable(model) ? vm.power !== 'migrating' : vm.power === 'off';
  const isCd = driveKind(model) === 'cd';
  return (
    <section className={`tv-panel ${drop.isOver ? 'tv-takes-files' : ''}`} aria-label={name} {...drop.handlers}>
      <header className="tv-panel-header">
        <h2>{name}</h2>
        <span className="tv-quiet">{stateOf(drive)}</span>
        <input
          ref={input}
          type="file"
          hidden
          multiple={isCd}
          data-testid={`insert-${index}`}
          onChange={({ currentTarget }) => {
            insert(chosenFiles(currentTarget.files));
            currentTarget.value = '';
          }}
        />
        <div className="tv-object-actions">
          <Button
            size="sm"
            variant="secondary"
            isDisabled={!canChange}
            aria-label={`Insert into ${name}`}
            onClick={() => input.current?.click()}
          >
            {isRemovable(model) ? 'Insert…' : 'Replace…'}
          </Button>
          {isRemovable(model) && (
            <Button
              size="sm"
              variant="secondary"
              isDisabled={!canChange || !medium}
              aria-label={`Eject from ${name}`}
              onClick={() => void ejectMedium(vm.id, index, false)}
            >
              Eject
            </Button>
          )}
        </div>
      </header>
      <div className="tv-card-facts">
        <PlainFacts facts={mediumFacts(drive)} />
        <PlainFacts facts={trafficFacts(drive)} />
      </div>
      {!canChange && (
        <p className="tv-quiet">
          {isRemovable(model)
            ? 'It is migrating: media can be changed when it has arrived.'
            : 'The medium of a disk can be changed only while the VM is off.'}
        </p>
      )}
      {isCd && <p className="tv-quiet">An ISO goes in as it is; of other files and folders a CD is made.</p>}
    </section>
  );
}

/** Only CD drives can be locked. */
function stateOf({ model, medium, locked }: DriveStatus): string {
  if (!medium) return 'empty';
  if (locked) return 'locked by the guest';
  return driveKind(model) === 'cd' ? 'not locked' : '';
}

function mediumFacts({ medium, overlayBytes }: DriveStatus): Fact[] {
  if (!medium) return [['Medium', 'none']];
  return [
    ['Medium', medium.name],
    ['Size', formatBytes(medium.size)],
    ['Writing', medium.readOnly ? 'read-only' : 'allowed'],
    ['Changed', overlayBytes > 0 ? `${formatBytes(overlayBytes)} changed, kept in the tab’s memory` : 'nothing'],
  ];
}

function trafficFacts({ reads, writes, bytesRead, bytesWritten, errors }: DriveStatus): Fact[] {
  return [
    ['Reads', `${formatCount(reads)}, ${formatBytes(bytesRead)}`],
    ['Writes', `${formatCount(writes)}, ${formatBytes(bytesWritten)}`],
    ['Errors', formatCount(errors)],
  ];
}
