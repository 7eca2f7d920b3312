// The frame of a dialog with a form: title, fields, what went wrong, and the buttons. Enter submits.
import { Alert, Button, Form, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { type FormEvent, type ReactNode, useId } from 'react';
import { ModalDialog } from '../components/ModalDialog.tsx';
import type { FileDropHandlers } from '../media/use-file-drop.ts';
import { openDialog } from '../operations/view-operations.ts';

interface FormDialogProps {
  title: string;
  description?: ReactNode;
  submitLabel: string;
  /** Id of the field that has the focus at first; it must be there from the start. */
  firstField?: string;
  onSubmit(): void;
  isBusy?: boolean;
  isSubmitDisabled?: boolean;
  /** Why the button is disabled; it is while there is a reason. */
  obstacle?: string;
  /** Of the whole dialog, which takes files. */
  dropHandlers?: FileDropHandlers;
  /** Why it could not be done. */
  failure?: string;
  children: ReactNode;
}

export function FormDialog(props: FormDialogProps) {
  const { title, description, submitLabel, firstField, onSubmit, isBusy, failure, obstacle, dropHandlers, children } =
    props;
  const isSubmitDisabled = props.isSubmitDisabled || obstacle !== undefined;
  const id = useId();
  const close = () => openDialog(undefined);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isBusy && !isSubmitDisabled) onSubmit();
  };
  return (
    <ModalDialog onClose={close} aria-labelledby={`${id}-title`} firstField={firstField}>
      <ModalHeader title={title} labelId={`${id}-title`} description={description} />
      <ModalBody {...dropHandlers}>
        <Form id={`${id}-form`} onSubmit={submit} noValidate>
          {failure && (
            <Alert isInline isLiveRegion variant="danger" title="That did not work">
              {failure}
            </Alert>
          )}
          {children}
        </Form>
      </ModalBody>
      <ModalFooter>
        <Button
          type="submit"
          form={`${id}-form`}
          isLoading={isBusy}
          isDisabled={isBusy || isSubmitDisabled}
          aria-describedby={obstacle ? `${id}-obstacle` : undefined}
        >
          {submitLabel}
        </Button>
        <Button variant="link" onClick={close}>
          Cancel
        </Button>
        {obstacle && (
          <span id={`${id}-obstacle`} className="tv-quiet" role="status">
            {obstacle}
          </span>
        )}
      </ModalFooter>
    </ModalDialog>
  );
}
