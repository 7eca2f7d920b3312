// Asks before something is destroyed.
import { Button, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { ModalDialog } from '../components/ModalDialog.tsx';
import { openDialog } from '../operations/view-operations.ts';
import { useConsole } from '../state/store.ts';
import { type ConfirmRef, confirmationOf } from './confirmation.ts';

export function ConfirmDialog({ what }: { what: ConfirmRef }) {
  const fleet = useConsole((state) => state.fleet);
  const confirmation = confirmationOf(what, fleet);
  const close = () => openDialog(undefined);
  if (!confirmation) return null;
  const { title, text, button, run } = confirmation;
  return (
    <ModalDialog onClose={close} aria-labelledby="confirm-title" aria-describedby="confirm-text">
      <ModalHeader title={title} labelId="confirm-title" titleIconVariant="warning" />
      <ModalBody id="confirm-text">{text}</ModalBody>
      <ModalFooter>
        <Button
          variant="danger"
          onClick={() => {
            close();
            run();
          }}
        >
          {button}
        </Button>
        <Button variant="link" onClick={close}>
          Cancel
        </Button>
      </ModalFooter>
    </ModalDialog>
  );
}
