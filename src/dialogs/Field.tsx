// A labelled field of a dialog with its help, or what is wrong with it, in place.
import { FormGroup, FormHelperText, HelperText, HelperTextItem } from '@patternfly/react-core';
import type { ReactNode } from 'react';

interface FieldProps {
  id: string;
  label: string;
  isRequired?: boolean;
  help?: ReactNode;
  error?: string;
  children: ReactNode;
}

export function Field({ id, label, isRequired, help, error, children }: FieldProps) {
  return (
    <FormGroup label={label} fieldId={id} isRequired={isRequired}>
      {children}
      {(error || help) && (
        <FormHelperText>
          <HelperText id={`${id}-help`} isLiveRegion={error !== undefined}>
            <HelperTextItem variant={error ? 'error' : 'default'}>{error ?? help}</HelperTextItem>
          </HelperText>
        </FormHelperText>
      )}
    </FormGroup>
  );
}
