import { screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import { renderInApp } from '../../test/render.tsx';
import { Field } from './field.tsx';
import { Input } from './input.tsx';

test('a screen reader hears the label, the hint and the error of a field', () => {
  renderInApp(
    <Field label="E-mail" hint="Of your work" error="An address has an @">
      <Input />
    </Field>,
  );
  const input = screen.getByRole('textbox', { name: 'E-mail' });
  const described = input
    .getAttribute('aria-describedby')
    ?.split(' ')
    .map((id) => document.getElementById(id)?.textContent);
  expect(described).toEqual(['Of your work', 'An address has an @']);
  expect(input.getAttribute('aria-invalid')).toBe('true');
  expect(screen.getByRole('alert').textContent).toBe('An address has an @');
});

test('a field without an error is not invalid', () => {
  renderInApp(
    <Field label="Name">
      <Input />
    </Field>,
  );
  const input = screen.getByRole('textbox', { name: 'Name' });
  expect(input.getAttribute('aria-invalid')).toBeNull();
  expect(input.getAttribute('aria-describedby')).toBeNull();
});
