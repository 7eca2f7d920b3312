// What one can do here, in a minute's reading.
import { Button, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { ModalDialog } from '../components/ModalDialog.tsx';
import { openDialog } from '../operations/view-operations.ts';

const KEYS: [string, string][] = [
  ['Ctrl K or ⌘ K', 'every action by name'],
  ['Space on a card’s grip', 'pick the VM up; arrow keys choose the host, Space drops it, Escape leaves it'],
  ['A finger that stays on a card', 'picks the VM up; one that moves on scrolls'],
  ['Shift F10 or right click', 'the menu of the object under the focus or the pointer'],
  ['F6 in a console', 'leave the terminal'],
];

export function HelpDialog() {
  const close = () => openDialog(undefined);
  return (
    <ModalDialog onClose={close} aria-labelledby="help-title">
      <ModalHeader title="Help" labelId="help-title" />
      <ModalBody className="tv-help">
        <p>
          A <strong>host</strong> is a computer made of a browser tab’s workers; it runs <strong>VMs</strong>, each with
          an operating system of its own. Hosts share nothing but the <strong>subnet</strong>, the wire above them.
        </p>
        <p>
          <strong>Drag a running VM’s card to another host</strong> and it migrates: its memory is copied while it runs,
          what it writes meanwhile is copied again, round after round, until the rest is small. Then it stops for the
          downtime that the report states, and runs on at the target.
        </p>
        <p>
          The subnet is a real Ethernet: guests get an address by DHCP and find each other by name.{' '}
          <strong>Start the transaction demo</strong> (Ctrl K) puts a web server on one host and its client on the
          other; move either and see in the client’s charts what it noticed. <strong>Networking</strong> has every
          port’s counters, port groups and packet captures.
        </p>
        <p>A host in another browser tab is a blade like any other. If that tab is closed, its VMs are lost.</p>
        <dl>
          {KEYS.map(([key, what]) => (
            <div key={key}>
              <dt>{key}</dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
      </ModalBody>
      <ModalFooter>
        <Button onClick={close}>Close</Button>
      </ModalFooter>
    </ModalDialog>
  );
}
