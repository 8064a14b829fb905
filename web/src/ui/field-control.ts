// What joins a control to the field around it: apart from the field, because most controls have none.
import { createContext, useContext } from 'react';

export interface FieldControl {
  readonly id: string;
  readonly 'aria-describedby': string | undefined;
  readonly 'aria-invalid': true | undefined;
}

export const FieldContext = createContext<FieldControl | null>(null);

/** What a control takes from the field around it; nothing where there is none. */
export function useFieldControl(): Partial<FieldControl> {
  return useContext(FieldContext) ?? {};
}
