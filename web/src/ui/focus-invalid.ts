/** Takes whoever tried to send a form to the first field that keeps it back, once the page says what is wrong with it. */
export function focusInvalid(form: HTMLElement): void {
  requestAnimationFrame(() => form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
}
